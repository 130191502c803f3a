"""What is wrong with this machine, this installation and these files, and how to mend it. It looks, and writes nothing.

A check is one small file in ``checks`` and yields findings; ``examine`` runs them all, ``render`` shows them.
"""
