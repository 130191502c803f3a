"""What the keys and words do, a file a group: each declares its actions and has the functions that carry them out.

Nothing here imports widgets at the top: the widgets take their bindings from these declarations.
"""
