"""``python -m workers`` is ``evercase``."""

from workers.command_line import main

if __name__ == "__main__":
    main()
