"""`amana help TOPIC`: what several commands need to know, said once."""

from __future__ import annotations

import click

from commands.terminal.session import Session
from domain.access import NEVER_BY_SECURITY, PEOPLE, THINGS, is_open, readers
from domain.errors import UnknownError

TIMES = """\
Times

Every event says when it occurred and when it was recorded. You give the first with --at; the ledger
sets the second. Without --at, it occurred now. What was understood is echoed with the offset.

  2024-12-12T12:00+03:00      that instant
  "2024-12-12 12:00"          that minute in the ledger's zone; so does "12 Dec 2024 12:00"
  2024-12-12                  some time on that day
  "~7 Dec 2024 18:00 ±2h"     some time between 16:00 and 20:00
  --at A --until B            some time from A until B
  -2d  -3h  -15m  now         back from now

Refused, because two readings exist or none: 07/12/2024, 24:00, a year of two digits, a day the month
does not have, an hour the clock skipped or showed twice, more than five minutes ahead (rule 2).
"""
_READ = "".join(
    f"  {thing:<17}{' '.join(role for role in PEOPLE if role in readers(thing))}\n"
    for thing in sorted(THINGS)
    if not is_open(thing)
)
_NEVER = " or ".join(sorted(NEVER_BY_SECURITY))
ROLES = f"""\
Roles: every command is recorded in the name of an official (--by, AMANA_BY) who holds a role for it

  INTAKE_CLERK            register persons, confirm identities, house, keep effects, take pledges
  WEAPONS_CLERK           receive, inventory, deposit, correct descriptions, count
  STOREKEEPER             store, check seals, count, release and accept items, plan transfers
  RELEASING, ACCEPTING    sign transfers on either side; never both sides of one
  WELFARE                 house, move, refer to care, state intent, take pledges
  PROTECTION_INTERVIEWER  state intent
  CHAIR                   authorise entry, holds, losses, restitution; direct the directory
  ANALYST                 nothing that holds personal values
  AUDITOR                 read everything, write nothing
  KEY_CUSTODIAN           destroy keys; opens no personal values

Everybody reads what happened to whom and what, by control number. What not everybody reads:

{_READ}Members of a party marked --security never read {_NEVER}, whatever their role.

  amana directory appoint OFF-012 --party PARTY-MOD --role STOREKEEPER --role RELEASING
"""
EXIT_CODES = """\
Exit codes

    0  done, true
    1  checked and false
    2  usage: the command cannot be understood as typed
    3  refused by a rule, whose number is printed (`amana rules`), or by a role
    4  done in part
    5  not found
    6  busy, or another was faster: nothing was recorded, safe to retry
    7  cannot tell: a key is erased or missing
   74  the disk, the file or its permissions failed: nothing was recorded
  130  interrupted: what was acknowledged is recorded
"""
IDS = """\
Identifiers

  P-000873-X   a person          CAMP-R1     a site
  W-000418-Y   a weapon          PARTY-MOD   a party
  T-000009-8   a transfer        OFF-012     an official
  S-000001-4   a count           W-000418-Y:3   the third event of a weapon

The last character of a control number is its check character: a wrong or swapped character is named,
never guessed. Read in either case, with Arabic-Indic digits, without dashes, and as a label scanner
types while the Arabic keyboard layout is on. `-` reads identifiers from standard input, one a line.
"""
FILES = """\
Files

  camp.amana         events, sealed personal values, settings    nothing can replace it: back it up
  camp.amana.keys    each person's key, wrapped                  back it up
  camp.key           the ledger key, mode 0600                   keep a copy elsewhere
  camp.amana.views   read models                                 may be deleted at any time
  camp.amana.log     the log of proofs, its checkpoints          back it up; so with .log.note, .log.key

Which ledger, key and official: the flag, then AMANA_LEDGER, AMANA_KEY_FILE, AMANA_BY, then ./amana.toml
(or --config FILE), then the user's config folder. `amana doctor` shows which won.

--evidence FILE[=LABEL] keeps the SHA-256 of a document, its kind and a label (its name unless given);
the document itself stays where it is.
"""
TOPICS = {"times": TIMES, "roles": ROLES, "exit-codes": EXIT_CODES, "ids": IDS, "files": FILES}


@click.command("help", epilog="Example: amana help times   ·   amana help")
@click.argument("topic", required=False, metavar="[TOPIC]")
@click.pass_context
def help_(ctx: click.Context, topic: str | None) -> None:
    """Say what several commands need to know: times, roles, exit-codes, ids, files."""
    session = ctx.find_object(Session)
    root = ctx.find_root()
    if topic is None:
        click.echo(root.get_help())
        return
    text = TOPICS.get(topic.lower().replace("_", "-"))
    if text is None:
        msg = f"there is no topic '{topic}': {', '.join(TOPICS)}; for a command, amana COMMAND -h"
        raise UnknownError(msg)
    if session is not None and session.out.mode == "json":
        session.out.document({"topic": topic, "text": text})
        return
    click.echo(text, nl=False)
