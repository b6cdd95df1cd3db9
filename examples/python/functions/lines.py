"""A WSGI application: sends each line back with the number of its words, as the lines come in."""

from text import words_of


def app(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain; charset=utf-8")])
    for number, line in enumerate(environ["wsgi.input"], 1):
        yield b"%d %d\n" % (number, len(words_of(line.decode())))
