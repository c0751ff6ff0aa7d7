# SPDX-License-Identifier: MIT
"""Raw files of cameras, as small as they can be: the directories that each maker writes, a mosaic
of a few pixels, and the JPEGs that are given. Made from the published layouts: DNG's specification,
and what ExifTool's documentation says of the others."""

import struct

SHORT, LONG, UNDEFINED = 3, 4, 7
MOSAIC = bytes(range(64))
RAW, REDUCED = 0, 1


def tiff(directories, blobs=(), head=b"II*\0", more=b""):
    """Directories of (tag, type, values); a value that is bytes stands in `blobs` and becomes its
    place, and one that is ("directory", i) the place of that directory. The first is the main one,
    which the one of `("next", i)` follows."""
    order = "<" if head[:1] == b"I" else ">"
    sizes = [2 + 12 * len([e for e in d if e[0] != "next"]) + 4 for d in directories]
    start = 8 + len(more)
    places = [start + sum(sizes[:i]) for i in range(len(sizes))]
    spare = start + sum(sizes)
    body, tail = b"", b""

    def put(data):
        nonlocal tail
        place = spare + len(tail)
        tail += data + b"\0" * (len(data) % 2)
        return place

    stored = {blob: put(blob) for blob in dict.fromkeys(blobs)}
    for directory in directories:
        entries = sorted((e for e in directory if e[0] != "next"), key=lambda e: e[0])
        following = [places[e[1]] for e in directory if e[0] == "next"]
        body += struct.pack(order + "H", len(entries))
        for tag, kind, values in entries:
            if kind == UNDEFINED:
                body += struct.pack(order + "HHII", tag, kind, len(values), stored[values])
                continue
            numbers = []
            for value in values:
                if isinstance(value, bytes):
                    value = stored[value]
                elif isinstance(value, tuple):
                    value = places[value[1]]
                numbers.append(value)
            letter = "H" if kind == SHORT else "I"
            data = struct.pack(order + letter * len(numbers), *numbers)
            field = data.ljust(4, b"\0")
            if len(data) > 4:
                field = struct.pack(order + "I", put(data))
            body += struct.pack(order + "HHI", tag, kind, len(numbers)) + field
        body += struct.pack(order + "I", following[0] if following else 0)
    return head + struct.pack(order + "I", places[0]) + more + body + tail


def mosaic(compression=1, photometric=32803):
    return [
        (0xFE, LONG, [RAW]),
        (0x100, LONG, [8]),
        (0x101, LONG, [8]),
        (0x102, SHORT, [8]),
        (0x103, SHORT, [compression]),
        (0x106, SHORT, [photometric]),
        (0x111, LONG, [MOSAIC]),
        (0x117, LONG, [len(MOSAIC)]),
    ]


def thumbnail(orientation):
    """What a decoder of TIFF would take for the picture: a few grey pixels."""
    return [
        (0xFE, LONG, [REDUCED]),
        (0x100, LONG, [8]),
        (0x101, LONG, [8]),
        (0x102, SHORT, [8]),
        (0x103, SHORT, [1]),
        (0x106, SHORT, [1]),
        (0x111, LONG, [MOSAIC]),
        (0x117, LONG, [len(MOSAIC)]),
        (0x112, SHORT, [orientation]),
    ]


def by_place(jpeg):
    return [(0x201, LONG, [jpeg]), (0x202, LONG, [len(jpeg)])]


def by_strip(jpeg, compression):
    return [
        (0x103, SHORT, [compression]),
        (0x111, LONG, [jpeg]),
        (0x117, LONG, [len(jpeg)]),
    ]


def nef(large, small, orientation):
    """Nikon: a thumbnail first, the preview and the mosaic in sub-directories; big-endian."""
    first = [*thumbnail(orientation), (0x14A, LONG, [("directory", 1), ("directory", 2)])]
    preview = [(0xFE, LONG, [REDUCED]), (0x103, SHORT, [6]), *by_place(large)]
    blobs = (MOSAIC, small, large)
    return tiff([first, preview, mosaic(34713)], blobs, b"MM\0*")


def cr2(large, small, orientation):
    """Canon: the preview as the first directory's strip, a thumbnail in the next, the sensor's
    lossless JPEG in the last."""
    lossless = b"\xff\xd8\xff\xc3\x00\x0b\x08\xff\xff\xff\xff\x01\x01\x11\x00" + MOSAIC
    first = [(0x112, SHORT, [orientation]), *by_strip(large, 6), ("next", 1)]
    last = [*by_strip(lossless, 6), (0xC640, SHORT, [1, 2, 3])]
    directories = [first, [*by_place(small), ("next", 2)], last]
    return tiff(directories, (small, large, lossless), more=b"CR\2\0" + bytes(4))


def arw(large, small, orientation):
    """Sony: the preview by its place in the first directory, the mosaic below, a thumbnail next."""
    first = [(0x112, SHORT, [orientation]), (0x103, SHORT, [6]), *by_place(large)]
    first += [(0x14A, LONG, [("directory", 1)]), ("next", 2)]
    return tiff([first, mosaic(32767), by_place(small)], (MOSAIC, large, small))


def dng(large, small, orientation):
    """Adobe: a thumbnail first, the mosaic and previews below, one as a strip."""
    first = [*thumbnail(orientation), (0xC612, LONG, [0x00000401])]
    first += [(0x14A, LONG, [("directory", 1), ("directory", 2), ("directory", 3)])]
    previews = [
        [(0xFE, LONG, [REDUCED]), (0x106, SHORT, [6]), *by_strip(jpeg, 7)]
        for jpeg in (small, large)
    ]
    return tiff([first, mosaic(), *previews], (MOSAIC, small, large))


def rw2(large, small, orientation):
    """Panasonic: a header of its own and the preview as bytes of a tag."""
    first = [(0x2E, UNDEFINED, large), (0x112, SHORT, [orientation])]
    return tiff([first], (large,), b"IIU\0")


def raf(large, small, orientation):
    """Fujifilm: the place of the JPEG in its head, which alone says how it is to be turned."""
    head = b"FUJIFILMCCD-RAW 0201FF389501".ljust(84, b"\0")
    return head + struct.pack(">II", 100, len(large)) + bytes(8) + large + MOSAIC


ALL = {
    "x.nef": nef,
    "x.cr2": cr2,
    "x.arw": arw,
    "x.dng": dng,
    "x.rw2": rw2,
    "x.raf": raf,
}
