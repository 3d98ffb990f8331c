"""The tables as SQLAlchemy Core sees them: bulk reading and writing goes through these, never through objects."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, or_, select
from sqlmodel import SQLModel

from directory.models.accounts import AccountRow, AccountSessionRow
from directory.models.campaigns import AnswerRow, CampaignRow, InvitationRow, LetterRow, OppositionRow
from directory.models.companies import (
    CompanyContactRow,
    CompanyExchangeRow,
    CompanyPeriodRow,
    CompanyStayRow,
    CompanyTermsRow,
    ContactOppositionRow,
)
from directory.models.curation_tables import HistoryRow, StatementRow
from directory.models.desk import PutOffRow
from directory.models.dossiers import DossierAccessRow, DossierRow, DossierStepRow
from directory.models.duplicate_tables import DuplicatePairRow, JudgementRow, RecordKeys
from directory.models.keys import ApiKeyRow
from directory.models.links import LinkHolderRow, LinkRow
from directory.models.report_tables import ReportRow, SigningKey
from directory.models.responses import ResponseCountRow
from directory.models.statistics import QuestionCountRow, UnansweredRow
from directory.models.tables import (
    AddressAnswer,
    Admission,
    Bassin,
    BassinMember,
    DirectoryState,
    DoubtDecision,
    DoubtRow,
    ImportRun,
    Listing,
    ListingAlias,
    ListingCoverage,
    ListingGone,
    RecordIdentity,
    Referential,
    ReferentialEntryRow,
    RevisionMark,
    RunDoubt,
    SourceRecord,
    SourceSeen,
)
from directory.models.uploads import ReplacedRow, UploadRow


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


listing = _table(Listing)
listing_coverage = _table(ListingCoverage)
listing_alias = _table(ListingAlias)
listing_gone = _table(ListingGone)
source_record = _table(SourceRecord)
source_seen = _table(SourceSeen)
record_identity = _table(RecordIdentity)
record_keys = _table(RecordKeys)
duplicate_pair = _table(DuplicatePairRow)
judgement = _table(JudgementRow)
import_run = _table(ImportRun)
doubt = _table(DoubtRow)
address_answer = _table(AddressAnswer)
admission = _table(Admission)
response_count = _table(ResponseCountRow)
api_key = _table(ApiKeyRow)
account = _table(AccountRow)
account_session = _table(AccountSessionRow)
statement = _table(StatementRow)
listing_history = _table(HistoryRow)
put_off = _table(PutOffRow)
question_count = _table(QuestionCountRow)
unanswered_question = _table(UnansweredRow)
dossier = _table(DossierRow)
dossier_step = _table(DossierStepRow)
dossier_access = _table(DossierAccessRow)
company_terms = _table(CompanyTermsRow)
company_period = _table(CompanyPeriodRow)
company_stay = _table(CompanyStayRow)
company_exchange = _table(CompanyExchangeRow)
company_contact = _table(CompanyContactRow)
contact_opposition = _table(ContactOppositionRow)
run_doubt = _table(RunDoubt)
doubt_decision = _table(DoubtDecision)
bassin = _table(Bassin)
bassin_member = _table(BassinMember)
referential = _table(Referential)
referential_entry = _table(ReferentialEntryRow)
report = _table(ReportRow)
signing_key = _table(SigningKey)
campaign = _table(CampaignRow)
campaign_letter = _table(LetterRow)
campaign_invitation = _table(InvitationRow)
campaign_answer = _table(AnswerRow)
mail_opposition = _table(OppositionRow)
link_check = _table(LinkRow)
link_holder = _table(LinkHolderRow)
upload = _table(UploadRow)
replaced_record = _table(ReplacedRow)
directory_state = _table(DirectoryState)
revision_mark = _table(RevisionMark)

_hidden = select(directory_state.c.hidden_batch).scalar_subquery()


def shown_listing() -> ColumnElement[bool]:
    """Condition that leaves out the listings of an import that has not published yet."""
    return listing.c.batch != _hidden


def open_listing() -> ColumnElement[bool]:
    """Condition of the listings that are published now: neither closed nor hidden."""
    return and_(listing.c.closed_at.is_(None), shown_listing())


def shown_record() -> ColumnElement[bool]:
    """Condition that leaves out the records of an import that has not published yet."""
    return or_(source_record.c.run_pk.is_(None), source_record.c.run_pk != _hidden)
