# SPDX-License-Identifier: MIT
"""Sidecars as darktable, Lightroom and digiKam lay them out, with keywords of a person in each."""

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'


def keywords(name, kind, *values):
    items = "".join(f"<rdf:li>{value}</rdf:li>" for value in values)
    return f"<{name}><rdf:{kind}>{items}</rdf:{kind}></{name}>"


# dc:subject and lr:hierarchicalSubject, the history of edits as structures, masks and blends packed
DARKTABLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF {RDF}>
  <rdf:Description rdf:about=""
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
   exif:DateTimeOriginal="2024:05:01 10:20:30.000"
   xmp:Rating="4"
   xmpMM:DerivedFrom="one.png"
   darktable:import_timestamp="63850000000000000"
   darktable:xmp_version="5"
   darktable:raw_params="0"
   darktable:auto_presets_applied="1"
   darktable:history_end="2"
   darktable:iop_order_version="4">
   {keywords("dc:subject", "Bag", "holiday", "darktable|format|png")}
   {keywords("lr:hierarchicalSubject", "Bag", "places|Norway", "darktable|format|png")}
   <darktable:masks_history><rdf:Seq/></darktable:masks_history>
   <darktable:history>
    <rdf:Seq>
     <rdf:li darktable:num="0" darktable:operation="exposure" darktable:enabled="1"
      darktable:modversion="6" darktable:params="00000000000080b90000003f00004842000080c00100"
      darktable:multi_name="" darktable:multi_priority="0" darktable:blendop_version="13"
      darktable:blendop_params="gz11eJxjYIAACQYYOOHEgAZY0QWAgBGLGANDgz0Ej1Q+dcF/IADRAGpyHQU="/>
     <rdf:li darktable:num="1" darktable:operation="sharpen" darktable:enabled="0"
      darktable:modversion="1" darktable:params="000000400000003f0000003f"
      darktable:multi_name="" darktable:multi_priority="0" darktable:blendop_version="13"
      darktable:blendop_params="gz08eJxjYGBgYAFiCQYYOOHEgAZY0QVwggZ7CB6pfOqyZw=="/>
    </rdf:Seq>
   </darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

# settings as attributes, curves as sequences, corrections as structures in sequences in structures
LIGHTROOM = f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000 1.000000">
 <rdf:RDF {RDF}>
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
   xmp:Rating="3"
   xmp:Label="Red"
   xmpMM:DocumentID="xmp.did:2f0b1c3e-0000-4444-8888-000000000001"
   crs:Version="15.0"
   crs:ProcessVersion="11.0"
   crs:Exposure2012="+0.35"
   crs:HasSettings="True">
   <xmpMM:History>
    <rdf:Seq>
     <rdf:li stEvt:action="saved" stEvt:when="2024-05-01T10:20:30+02:00" stEvt:changed="/metadata"/>
    </rdf:Seq>
   </xmpMM:History>
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">A day &amp; a night</rdf:li></rdf:Alt></dc:title>
   {keywords("dc:subject", "Bag", "holiday", "owl &lt;young&gt;")}
   {keywords("lr:hierarchicalSubject", "Bag", "animals|birds|owl", "holiday")}
   <crs:ToneCurvePV2012><rdf:Seq><rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li></rdf:Seq>
   </crs:ToneCurvePV2012>
   <crs:MaskGroupBasedCorrections>
    <rdf:Seq>
     <rdf:li>
      <rdf:Description crs:What="Correction" crs:CorrectionAmount="1.000000">
       <crs:CorrectionMasks>
        <rdf:Seq>
         <rdf:li crs:What="Mask/Gradient" crs:ZeroX="0.25" crs:FullY="0.75"/>
        </rdf:Seq>
       </crs:CorrectionMasks>
      </rdf:Description>
     </rdf:li>
    </rdf:Seq>
   </crs:MaskGroupBasedCorrections>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

ACDSEE = (
    "&lt;Categories&gt;&lt;Category Assigned=&quot;1&quot;&gt;holiday"
    "&lt;/Category&gt;&lt;/Categories&gt;"
)
# the same keywords once more for everybody: TagsList, Microsoft's, iView's, ACDSee's own XML in it
DIGIKAM = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF {RDF}>
  <rdf:Description rdf:about=""
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"
    xmlns:mediapro="http://ns.iview-multimedia.com/mediapro/1.0/"
    xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
   digiKam:ColorLabel="0"
   digiKam:PickLabel="2"
   xmp:Rating="5"
   MicrosoftPhoto:Rating="99"
   acdsee:categories="{ACDSEE}">
   {keywords("digiKam:TagsList", "Seq", "holiday", "Places/Norway")}
   {keywords("MicrosoftPhoto:LastKeywordXMP", "Bag", "holiday", "Places/Norway")}
   {keywords("mediapro:CatalogSets", "Bag", "holiday", "Places|Norway")}
   {keywords("lr:hierarchicalSubject", "Bag", "holiday", "Places|Norway")}
   {keywords("dc:subject", "Bag", "holiday", "Norway")}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""

ALL = {"darktable": DARKTABLE, "lightroom": LIGHTROOM, "digikam": DIGIKAM}


def wrapped(inner, head=""):
    return f'<?xml version="1.0"?>{head}<x:xmpmeta xmlns:x="adobe:ns:meta/">{inner}</x:xmpmeta>'


def described(inner):
    return (
        f'<rdf:RDF {RDF}><rdf:Description rdf:about="" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{inner}</rdf:Description></rdf:RDF>'
    )


def bomb():
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
    )
    text = described("<dc:subject><rdf:Bag><rdf:li>&a9;</rdf:li></rdf:Bag></dc:subject>")
    return wrapped(text, f"<!DOCTYPE x [{entities}]>")


# what is refused: the text, and a word of the sentence
HOSTILE = {
    "entities": (bomb(), "document type"),
    "outside": (
        wrapped(
            described("<dc:source>&e;</dc:source>"),
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        ),
        "document type",
    ),
    "utf16": (wrapped(described("")).encode("utf-16"), "UTF-8"),
    "utf16-entities": (bomb().encode("utf-16-le"), "UTF-8"),
    "large": (wrapped(described("")) + " " * (9 << 20), "MB"),
    "deep": (wrapped("<a>" * 5000 + "</a>" * 5000), "nested"),
    # a number that no integer holds: gexiv2 would fill gigabytes
    "number": (wrapped(described(f"<dc:source{'1' * 30}>x</dc:source{'1' * 30}>")), "digits"),
    "prefix": (DIGIKAM.replace('="http://purl.org/dc/elements/1.1/"', '="urn:other"'), "xmlns:dc"),
    "cut": (DIGIKAM[:900], "is not XMP"),
    "html": ("<html><body>moved</body></html>", "cannot be read"),
    "empty": ("", "is not XMP"),
    "binary": (bytes(range(256)), "UTF-8"),
    # what Exiv2 does not keep, or only as long as the list is not written
    "literal": (
        wrapped(described('<dc:source rdf:parseType="Literal"><b>bold</b></dc:source>')),
        "would not keep",
    ),
    "qualifier": (
        wrapped(
            described(
                '<dc:subject><rdf:Bag><rdf:li xml:lang="de">Eule</rdf:li></rdf:Bag></dc:subject>'
            )
        ),
        "more to it",
    ),
}
