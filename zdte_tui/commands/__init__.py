"""The subcommands, one file each: ``add(subparsers)`` declares one, its ``run(args)`` returns the exit code."""
