"""What comes back by e-mail: received over LMTP, read with care, stored before it is answered."""

from workers.mailbox.listener import run

__all__ = ["run"]
