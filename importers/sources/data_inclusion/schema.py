"""data·inclusion's schema v1 as this source reads it: which columns a structure and a service have, and which are mandatory."""

from __future__ import annotations

REQUIRED_OF_STRUCTURE = frozenset({"source", "id", "nom", "date_maj"})
REQUIRED_OF_SERVICE = frozenset({"source", "id", "nom", "date_maj", "structure_id", "description"})

LEFT_OUT = frozenset({"score_qualite", "extra", "_extra", "doublons", "distance", "date_import", "structure", "services"})
"""What data·inclusion's API and exports add of their own, and that is not of the schema."""

ORIGINS_OF_STRUCTURE = {
    "category": ("nom", "reseaux_porteurs"),
    "name": ("nom",),
    "description": ("description",),
    "address": ("adresse", "complement_adresse"),
    "code_postal": ("code_postal",),
    "code_commune": ("code_insee", "commune"),
    "latitude": ("latitude",),
    "longitude": ("longitude",),
    "contacts": ("telephone", "courriel", "site_web", "accessibilite_lieu"),
    "opening_hours": ("horaires_accueil",),
    "networks": ("reseaux_porteurs",),
    "siret": ("siret",),
    "updated_at": ("date_maj",),
    "source_url": ("lien_source",),
}
ORIGINS_OF_SERVICE = {
    **{name: ORIGINS_OF_STRUCTURE[name] for name in ORIGINS_OF_STRUCTURE if name not in {"category", "networks", "siret"}},
    "contacts": ("telephone", "courriel", "contact_nom_prenom"),
    "coverage": ("zone_eligibilite",),
    "publics": ("publics",),
    "conditions": ("publics_precisions", "conditions_acces"),
    "modes_mobilisation": ("modes_mobilisation",),
    "mobilisable_par": ("mobilisable_par",),
    "mobilisation_details": ("mobilisation_precisions",),
    "registration_url": ("lien_mobilisation",),
    "structure": ("structure_id",),
    "thematiques": ("thematiques",),
    "types": ("type",),
    "frais": ("frais",),
    "frais_details": ("frais_precisions",),
    "modes_accueil": ("modes_accueil",),
    "hours_per_week": ("volume_horaire_hebdomadaire",),
    "weeks": ("nombre_semaines",),
}
"""Field of the record → the columns it is read from, the same for every object."""
