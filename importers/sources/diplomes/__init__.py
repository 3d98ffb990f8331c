"""Diplomas: the ROME codes they lead to (Certif Info), the MEF that prepare for them, the families of bac pro."""

from __future__ import annotations

import re
from collections.abc import Iterator

from directory.models.published import ReferentialEntry
from importers.referentials import Shape, read_shapes
from importers.row import Row
from importers.run import Run
from importers.values import parse_french_date, tidy

_ROME = re.compile(r"[A-N]\d{4}")
_PUBLISHED = "Publié"


def records(run: Run) -> Iterator[ReferentialEntry]:
    """The entries of ``diplomes`` (Certif Info code), ``mef`` (ten digits) and ``familles`` (CFD of the specialty)."""
    return read_shapes(
        run, (Shape("Libelle_Diplome", _diploma), Shape("FORMATION_DIPLOME", _mef), Shape("CFD_SPECIALITE", _family))
    )


def _diploma(run: Run, row: Row) -> ReferentialEntry | None:
    row.ignore(
        "Date_MaJ", "Code_FormaCode", "Libelle_FormaCode", "Code_Nsf", "Code_RS", "valideur", "certificateur",
        "Annee_Premiere_Session", "Code_Ancien_Diplome", "Intitulé_Ancien_Diplome", "Code_Ancien_RNCP", "Code_Ancien_Scolarité",
        "`Options`", "Etat", "Etat_Ancien_Diplome", "Etat_Ancien_Diplome_Libelle", "accessibilite_fi", "accessibilite_ca",
        "accessibilite_fc", "accessibilite_cp", "accessibilite_vae", "accessibilite_ind", "code_type_diplome", "codeIdeo2",
    )  # fmt: skip
    code, label = row.take("Code_Diplome"), tidy(row.take("Libelle_Diplome"))
    kind, level, cfd = tidy(row.take("Libelle_Type_Diplome")), row.take("Code_Niveau_Europeen"), row.take("Code_Scolarité")
    rncp, last, state = row.take("Code_RNCP"), row.take("Annee_Derniere_Session"), tidy(row.take("Etat_Libelle"))
    rome = [row.take(f"Code_Rome_{rank}") for rank in range(1, 6)]
    if not code or not label:
        run.refuse(row, "Code_Diplome" if not code else "Libelle_Diplome", "", "Valeur obligatoire absente.")
        return None
    if state != _PUBLISHED:
        run.note("Etat_Libelle", state, f"Certifications « {state} » : elles ne sont pas lues.", line=row.line)
        return None
    wrong = [text for text in rome if text and not _ROME.fullmatch(text)]
    if wrong:
        run.doubt(row, "Code_Rome_1", ", ".join(wrong), "Code ROME impossible : laissé de côté.", record_id=code)
    kept = list(dict.fromkeys(text for text in rome if text and text not in wrong))
    told = {"label": label, "type": kind, "level": level, "cfd": cfd, "rncp": rncp, "rome": kept, "last_session": last}
    return ReferentialEntry(referential="diplomes", code=code, data={name: value for name, value in told.items() if value})


def _mef(run: Run, row: Row) -> ReferentialEntry | None:
    row.ignore(
        "DISPOSITIF_FORMATION", "DUREE_DISPOSITIF", "ANNEE_DISPOSITIF", "LIBELLE_COURT", "DATE_OUVERTURE", "STATUT_MEF",
        "NB_OPTION_OBLIGATOIRE", "NB_OPTION_FACULTATIF", "RENFORCEMENT_LANGUE", "DUREE_PROJET", "DUREE_STAGE", "HORAIRE",
        "MEF_INSCRIPTION_SCOLARITE", "MEF_STAT_11", "MEF_STAT_9", "DATE_INTERVENTION", "LIBELLE_EDITION", "N_COMMENTAIRE",
    )  # fmt: skip
    code, cfd, label = row.take("MEF"), row.take("FORMATION_DIPLOME"), tidy(row.take("LIBELLE_LONG"))
    closed = run.read_value(row, "DATE_FERMETURE", parse_french_date, None, record_id=code)
    if not re.fullmatch(r"[0-9A-Z]{10,11}", code):
        run.refuse(row, "MEF", code, "Un code MEF a dix caractères.")
        return None
    if closed is not None and closed < run.now.date():
        run.note("DATE_FERMETURE", closed.isoformat(), "MEF fermés : ils ne sont pas lus.", line=row.line)
        return None
    return ReferentialEntry(referential="mef", code=code, data={"label": label, "cfd": cfd})


def _family(run: Run, row: Row) -> ReferentialEntry | None:
    row.ignore("MEFSTAT11_COMMUN", "MEFSTAT11_SPECIALITE", "CODE_MINISTERE_TUTELLE")
    family, specialty = tidy(row.take("FAMILLE")), tidy(row.take("SPECIALITE"))
    common, cfd = row.take("CFD_COMMUN"), row.take("CFD_SPECIALITE")
    if not family or not cfd:
        run.refuse(row, "FAMILLE" if not family else "CFD_SPECIALITE", "", "Valeur obligatoire absente.")
        return None
    return ReferentialEntry(
        referential="familles", code=cfd, data={"family": family, "specialty": specialty, "cfd_common": common}
    )
