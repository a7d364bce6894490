"""What an operator is told of: rules as data. An alert stands while its measure is above its limit."""

from collections.abc import Mapping

from msgspec import Struct

from crm.measuring import MEASURES, Found
from crm.translation import _, lazy_

MINUTE, HOUR = 60.0, 3600.0
_MEASURES = {each.name: each for each in MEASURES}


class Alert(Struct, frozen=True):
    """`told` and `cure` are for people: what is wrong, with what was found, and what to do."""

    name: str
    measure: str
    above: float
    told: str
    cure: str

    def stands(self, found: Mapping[str, float]) -> bool:
        return found.get(self.measure, 0) > self.above

    def limit(self) -> str:
        return _MEASURES[self.measure].words(self.above)


class Standing(Struct, frozen=True):
    """An alert that stands, in the language of whoever reads it."""

    name: str
    told: str
    cure: str


ALERTS = (
    Alert("jobs_stuck", "jobs_oldest_seconds", 10 * MINUTE, lazy_("Work that is due has waited for %(found)s."),
          lazy_("The worker is gone or has too much to do. See that `crm work` or `crm serve` runs, then look at the Jobs page.")),
    Alert("jobs_failed", "jobs_failed", 0, lazy_("Work that failed in the last 3 days: %(found)s."),
          lazy_("Open the Jobs page, read the reason, mend it and start the work again.")),
    Alert("events_stuck", "events_oldest_seconds", 5 * MINUTE, lazy_("Plugins have not been told of what happened %(found)s ago."),
          lazy_("The worker is gone. See that `crm work` or `crm serve` runs, and read its log.")),
    Alert("mail_failed", "mails_failed", 0, lazy_("Mails of the last 3 days that could not be sent: %(found)s."),
          lazy_("Open the Mail page: the reason stands beside each. Mend the address, or CRM_SMTP_URL.")),
    Alert("mail_uncertain", "mails_uncertain", 0, lazy_("Mails of the last 3 days that may have arrived or not: %(found)s."),
          lazy_("Open the Mail page and ask those people; the program never sends such a mail twice.")),
    Alert("mail_in_late", "mail_in_seconds", 30 * MINUTE, lazy_("A mailbox could not be read for %(found)s."),
          lazy_("Open Outreach, Mail that came in: the reason stands beside the mailbox. Mend CRM_IMAP_URLS, or see that `crm serve` or `crm mail-in` runs.")),
    Alert("mail_in_unread", "mails_quarantined", 0, lazy_("Messages that came in and cannot be read: %(found)s."),
          lazy_("Open Outreach, Mail that came in, Quarantined. Download what it is, have it read again, or put it aside.")),
    Alert("record_unsealed", "seal_oldest_seconds", 5 * MINUTE, lazy_("Entries of the record have waited for their seal for %(found)s."),
          lazy_("The worker is gone. See that `crm work` or `crm serve` runs; then run `crm audit verify`.")),
    Alert("backup_old", "backup_proven_seconds", 26 * HOUR, lazy_("No backup was proven in the last %(found)s."),
          lazy_("Open the Backups page and back up now. Set CRM_BACKUP_AT to have it done each night.")),
    Alert("backup_broken", "backup_broken", 0, lazy_("Faults that the newest drill of a backup found: %(found)s."),
          lazy_("Do not rely on that backup. Open the Backups page, read what did not hold, and back up now.")),
    Alert("journal_late", "journal_seconds", MINUTE, lazy_("What was done in the last %(found)s is on this machine alone."),
          lazy_("See that `crm serve` runs and may write to CRM_JOURNAL_FOLDER, and read its log for journal_not_shipped.")),
    Alert("nightly_late", "nightly_seconds", 26 * HOUR, lazy_("Nightly work last ended well %(found)s ago."),
          lazy_("See that `crm work` or `crm serve` runs at night, and look at the Jobs page for what failed.")),
    Alert("server_old", "servers_old", 0, lazy_("Servers of a version that is known to have holes: %(found)s."),
          lazy_("The Status page names the server and the version to bring it to. Embedded servers come with a newer release.")),
    Alert("connections_short", "connections_used", 0.8, lazy_("%(found)s of the database server's connections are in use."),
          lazy_("Lower CRM_POOL_SIZE, run fewer processes, or raise max_connections of the server.")),
    Alert("disk_full", "disk_used", 0.8, lazy_("The disk of the data folder is %(found)s full."),
          lazy_("Make room or a larger disk: on a full one nothing can be saved, though nothing is lost.")),
    Alert("backup_disk_full", "backup_disk_used", 0.8, lazy_("The disk of the backups is %(found)s full."),
          lazy_("Make room, or keep fewer backups with CRM_BACKUP_KEEP.")),
)  # fmt: skip


def standing(found: Found) -> list[Standing]:
    """The alerts that stand, in words."""
    return [
        Standing(alert.name, _(alert.told) % {"found": _MEASURES[alert.measure].words(found[alert.measure])}, _(alert.cure))
        for alert in ALERTS
        if alert.stands(found)
    ]


def states(found: Found) -> dict[str, bool]:
    return {alert.name: alert.stands(found) for alert in ALERTS}
