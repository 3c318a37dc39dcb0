"""Read Bengali text: its form, language, dates, bylines, sections and places. All functions are pure.

text.normalize("হ\u09dfেছে")                            the archive's form; text.fold for digests and search
language.language("…")                              "bn", "as", "en" or "und"
dates.find_date("প্রকাশ: ৫ মে ২০২৬, ১০:৩০", zone)      Moment(at, precision); find_published, find_modified
bylines.parse_byline("আশফাক রহমান, সাভার প্রতিনিধি")   [Author(name, kind)]; agencies, find_dateline, is_initials
sections.scope_of("সারাদেশ"), topics_of("খেলা"), genre_of("মতামত")
"""
