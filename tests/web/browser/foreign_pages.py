"""Pages of other sites that embed the widget: a town hall, a blog, an association. All invented."""

STRICT = (
    "default-src 'none'; script-src {home} 'self'; frame-src {home}; style-src 'self'; base-uri 'none'; form-action 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HOSTILE_STYLE = "iframe, button, span { display: none !important } * { color: hotpink; letter-spacing: 1em }"

# A town hall: hostile styles, two widgets, what they say written down by the page's own script.
TOWN = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Ville</title><link rel="stylesheet" href="/style.css">
<script type="module" src="{home}/widget/v1.js"></script><script src="/listen.js"></script></head><body>
<h1>Ville des essais</h1><p><a href="#avant" id="avant">Avant</a></p>
<relais-recherche id="un" departement="35" kinds="partner,event" nombre="3"><a href="{home}/recherche?departement=35">Lien</a>
</relais-recherche>
<relais-recherche id="deux" lieu="35300 Fougères" rayon="20" kinds="event" couleur="#7a1fa2" fond="#fff8e1" dates="en"
 titre="Les salons d’ici"></relais-recherche>
<p><a href="#apres" id="apres">Après</a></p></body></html>"""

# A blog that isolates its pages, dark and narrow, whose widget stands far below.
BLOG = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Blog</title><link rel="stylesheet" href="/dark.css">
<script type="module" src="{home}/widget/v1.js"></script></head>
<body><h1>Un billet</h1><div class="long"></div>
<aside><relais-recherche id="un" q="mission locale" fond="#1b1b1b" couleur="#336699" nombre="2"></relais-recherche></aside>
</body></html>"""

# An association that allows no script at all: the plain frame, and the list that it wrote into its page.
BARE = """<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Association</title></head>
<body><h1>Nos partenaires</h1>
<relais-recherche id="un" departement="35"><a href="{home}/recherche?departement=35">Rechercher sur Relais</a></relais-recherche>
<iframe src="{home}/widget/recherche?departement=35" referrerpolicy="origin" title="Recherche" width="600" height="500"></iframe>
</body></html>"""

LISTEN = """window.said = [];
for (const name of ["pret", "resultats", "ouverture", "erreur"])
  document.addEventListener("relais-" + name, (event) => window.said.push([name, event.target.id, event.detail]));"""

STYLES = {
    "/style.css": HOSTILE_STYLE,
    "/dark.css": "body{background:#1b1b1b;color:#eee} .long{height:6000px} aside{width:280px}",
    "/listen.js": LISTEN,
}
