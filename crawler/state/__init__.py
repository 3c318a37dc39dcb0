"""State: what was seen, article by article and address by address, and the runs that saw it."""

from crawler.state.facts import ARTICLE as ARTICLE
from crawler.state.facts import RECORDED_ONLY as RECORDED_ONLY
from crawler.state.facts import WITH_ROW as WITH_ROW
from crawler.state.facts import DamagedState as DamagedState
from crawler.state.facts import Known as Known
from crawler.state.facts import KnownArchive as KnownArchive
from crawler.state.facts import Seen as Seen
from crawler.state.facts import SpooledSegment as SpooledSegment
from crawler.state.facts import StateError as StateError
from crawler.state.store import State as State
