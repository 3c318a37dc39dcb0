"""`scrapy wacz`: a slice of the archive as one portable file."""

import argparse

from crawler.jobs.command import SliceCommand
from crawler.model.exit_codes import FAILED, OK, USAGE, Refused


class Command(SliceCommand):
    """Export the captures of some outlets and days as one file for ReplayWeb.page.

    The file is a WACZ 1.1.1: the records of every article of these days, byte for byte, with a page list, an index
    and a signed list of hashes. Days are days of publication in the outlet's time zone; an article without a date
    counts on the day it was fetched. The setting WACZ_SIGNING_KEY names a PEM file with a private key on the curve
    P-384 (openssl ecparam -name secp384r1 -genkey -noout). Without it a new key signs the file and is discarded: that
    proves that the file is whole, not who made it. Articles that `scrapy withhold` withholds are left out.
    """

    usage = "--outlet NAME [NAME…] --to FILE.wacz [options]"
    examples = ("scrapy wacz --outlet samakal --since 2026-11-01 --until 2026-11-07 --to samakal.wacz",)
    exit_codes = {OK: "done", FAILED: "the slice is empty or damaged, or the file can't be written"}
    endings = (".wacz",)

    def work(self, args: list[str], opts: argparse.Namespace) -> int:
        from crawler.archive.withheld import withheld_ids
        from crawler.jobs.output import progress_bar
        from crawler.tools.export.output import new_file
        from crawler.tools.export.rows import outlets_with_rows
        from crawler.tools.wacz.export import export_slice

        outlets, days = self.slice(opts)
        if not outlets:
            raise Refused("--outlet is missing; `scrapy list` names the outlets", USAGE)
        storage = self.whole_archive(outlets)
        self.check_outlets(outlets, outlets_with_rows(storage))
        with new_file(opts.to, opts.force) as stream, progress_bar("pages", of_bytes=False) as bar:
            pages, captures, left_out = export_slice(
                storage,
                withheld_ids(storage),
                {name: (self.outlets.named(name) or self.outlets.unknown).title or name for name in outlets},
                days,
                stream,
                contact=self.project.access.contact,
                signing_key_file=self.setting("WACZ_SIGNING_KEY"),
                warc_size=self.deployment.limits.size,
                begin=bar.begin,
                on_page=bar.advance,
            )
        self.say_written(opts.to, f"{pages} pages, {captures} captures", left_out)
        return OK
