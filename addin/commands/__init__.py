"""The subcommands of ``salesplan``: one module each, found by itself."""
