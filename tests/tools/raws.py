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


def orf_note(large, small, kind, place):
    """Olympus's own directory, which lies at `place`: a thumbnail, and settings with a preview.
    Newer ones begin with a name, count from it and have a byte order of their own."""
    head = {"new": b"OLYMPUS\0II\x03\0", "om": b"OM SYSTEM\0\0\0II\x04\0", "old": b"OLYMP\0\1\0"}[
        kind
    ]
    base = place if kind == "old" else 0
    settings = len(head) + 2 + 2 * 12 + 4
    pixels = settings + 2 + 3 * 12 + 4
    first = struct.pack("<H", 2)
    first += struct.pack("<HHII", 0x100, UNDEFINED, len(small), base + pixels)
    first += struct.pack("<HHII", 0x2020, LONG if kind == "old" else 13, 1, base + settings)
    first += struct.pack("<I", 0)
    second = struct.pack("<H", 3)
    second += struct.pack("<HHII", 0x100, LONG, 1, 1)
    second += struct.pack("<HHII", 0x101, LONG, 1, base + pixels + len(small))
    second += struct.pack("<HHII", 0x102, LONG, 1, len(large)) + struct.pack("<I", 0)
    return head + first + second + small + large


def orf(large, small, orientation, kind="new", order="<", taken=b"2026:05:01 10:00:00\0"):
    """Olympus: a mosaic that looks like any TIFF's pixels, the rest in the maker's note."""
    head = {"<": b"IIRO", ">": b"MMOR"}[order]
    camera = b"OM-1\0"
    spare = 8 + (2 + 4 * 12 + 4) + (2 + 2 * 12 + 4)
    places, at = {}, spare
    for name, data in (("camera", camera), ("taken", taken), ("mosaic", MOSAIC)):
        places[name], at = at, at + len(data)
    note = orf_note(large, small, kind, at)
    exif = 8 + 2 + 4 * 12 + 4
    first = struct.pack(order + "H", 4)
    first += struct.pack(order + "HHII", 0x110, 2, len(camera), places["camera"])
    first += struct.pack(order + "HHII", 0x111, LONG, 1, places["mosaic"])
    first += struct.pack(order + "HHIHH", 0x112, SHORT, 1, orientation, 0)
    first += struct.pack(order + "HHII", 0x8769, LONG, 1, exif) + struct.pack(order + "I", 0)
    second = struct.pack(order + "H", 2)
    second += struct.pack(order + "HHII", 0x9003, 2, len(taken), places["taken"])
    second += struct.pack(order + "HHII", 0x927C, UNDEFINED, len(note), at)
    second += struct.pack(order + "I", 0)
    return head + struct.pack(order + "I", 8) + first + second + camera + taken + MOSAIC + note


def orf_om(large, small, orientation):
    return orf(large, small, orientation, "om", ">")


def orf_old(large, small, orientation):
    return orf(large, small, orientation, "old")


def box(kind, body=b""):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def text_tiff(entries):
    """A directory of SHORTs and texts, little-endian."""
    body, tail = struct.pack("<H", len(entries)), b""
    for tag, value in entries:
        if isinstance(value, int):
            body += struct.pack("<HHIHH", tag, SHORT, 1, value, 0)
        else:
            body += struct.pack("<HHII", tag, 2, len(value), 14 + 12 * len(entries) + len(tail))
            tail += value
    return b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", 0) + tail


def orf_endless(n):
    """n notes that are one, with n settings that are one, of n entries."""
    note = 8 + 2 + 12 * n + 4
    settings = 12 + 2 + 12 * n + 4  # counted from the note
    data = b"IIRO" + struct.pack("<I", 8)
    for head, tag, value in ((b"", 0x927C, note), (b"OLYMPUS\0II\x03\0", 0x2020, settings)):
        entries = struct.pack("<HHII", tag, UNDEFINED, 100, value) * n
        data += head + struct.pack("<H", n) + entries + bytes(4)
    return data + struct.pack("<H", n) + struct.pack("<HHII", 0x500, LONG, 1, 0) * n + bytes(4)


def cr3_track(offset, size, wide):
    place = struct.pack(">IIQ", 0, 1, offset) if wide else struct.pack(">III", 0, 1, offset)
    table = box(b"stsd", bytes(8)) + box(b"stsz", struct.pack(">III", 0, size, 1))
    table += box(b"free", bytes(6)) + box(b"co64" if wide else b"stco", place)
    return box(b"trak", box(b"tkhd") + box(b"mdia", box(b"minf", box(b"stbl", table))))


def cr3_endless(n, segments):
    """n movies of eight tracks, all of which are the same JPEG without a picture."""
    head = box(b"ftyp", b"crx " + struct.pack(">I", 1) + b"crx isom")
    jpeg = b"\xff\xd8" + b"\xff\xe1\0\2" * segments
    movie = box(b"moov", cr3_track(len(head) + 8, len(jpeg), True) * 8)
    return head + box(b"mdat", jpeg) + movie * n


def cr3(large, small, orientation, preview=None, taken=b"2026:05:01 10:00:00\0"):
    """Canon, newer: the whole picture is the sample of the first track, a preview has a box of its
    own behind the movie, a thumbnail one in it, and the sensor's is the second track's."""
    preview = small if preview is None else preview
    thumb = struct.pack(">IHHIHH", 0, 24, 18, len(small), 1, 0) + small
    canon = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
    canon += box(b"CNCV", b"CanonCR3_001/00.09.00/00.00.00")
    canon += box(b"CMT1", text_tiff([(0x10F, b"Canon\0"), (0x112, orientation)]))
    canon += box(b"CMT2", text_tiff([(0x9003, taken)])) + box(b"THMB", thumb)
    prvw = struct.pack(">IHHHHI", 0, 1, 24, 18, 1, len(preview)) + preview
    behind = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16") + struct.pack(">II", 0, 1)
    behind = box(b"uuid", behind + box(b"PRVW", prvw))

    def movie(offset):
        tracks = cr3_track(offset, len(large), True)
        tracks += cr3_track(offset + len(large), len(MOSAIC), False)
        return box(b"moov", box(b"uuid", canon) + box(b"mvhd", bytes(8)) + tracks)

    head = box(b"ftyp", b"crx " + struct.pack(">I", 1) + b"crx isom")
    start = len(head) + len(movie(0)) + len(behind) + 8
    return head + movie(start) + behind + box(b"mdat", large + MOSAIC)


ALL = {
    "x.nef": nef,
    "x.cr2": cr2,
    "x.arw": arw,
    "x.dng": dng,
    "x.rw2": rw2,
    "x.raf": raf,
    "x.orf": orf,
    "om.orf": orf_om,
    "old.orf": orf_old,
    "x.cr3": cr3,
}
