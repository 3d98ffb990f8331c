"""The French name of each field of a listing, wherever it is shown."""

from __future__ import annotations

FIELD_LABELS = {
    "kind": "Nature",
    "category": "Catégorie",
    "name": "Nom",
    "description": "Présentation",
    "address": "Adresse",
    "code_postal": "Code postal",
    "code_commune": "Code INSEE de la commune",
    "code_departement": "Département",
    "precision": "Position sur la carte",
    "coverage": "Territoire desservi",
    "bassin_label": "Bassin",
    "publics": "Publics",
    "age_min": "À partir de",
    "age_max": "Jusqu’à",
    "conditions": "Conditions",
    "contacts": "Contacts",
    "modes_mobilisation": "Pour y aller ou être orienté",
    "mobilisable_par": "Qui peut faire la démarche",
    "mobilisation_details": "Précisions sur la démarche",
    "opening_hours": "Horaires",
    "hours_per_week": "Heures par semaine",
    "weeks": "Durée en semaines",
    "thematiques": "Thématiques",
    "types": "Services",
    "frais": "Frais",
    "frais_details": "Précisions sur les frais",
    "modes_accueil": "Accueil",
    "networks": "Réseaux",
    "pathways": "Propose",
    "occupations": "Métiers",
    "places": "Places",
    "siret": "SIRET",
    "uai": "UAI",
    "naf": "Code NAF",
    "employees_min": "Effectif minimal",
    "employees_max": "Effectif maximal",
    "occurrences": "Dates",
    "event_state": "État",
    "registration_url": "Inscription",
    "checked_at": "Vérifié le",
    "checked_by": "Vérifié par",
    "updated_at": "Mis à jour par la source le",
    "valid_from": "Valable du",
    "valid_until": "Valable jusqu’au",
    "source_url": "Page de la source",
}


def field_label(field: str) -> str:
    """A field's French name; the field itself when it is never shown."""
    return FIELD_LABELS.get(field, field)
