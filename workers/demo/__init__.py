"""The story that ``evercase demo`` shows: invented companies, people and complaints.

It is told relative to the day it runs, once per ledger. Everything in it goes the way of all
commands; what is past is carried over as an import.
"""

from workers.demo.counting import summary
from workers.demo.seeding import Credentials, Login, Seeded, logins, seed
from workers.demo.tour import tour

__all__ = ["Credentials", "Login", "Seeded", "logins", "seed", "summary", "tour"]
