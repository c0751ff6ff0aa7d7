#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Texts in twenty-five scripts for the checks of tokenizers: a few phrases of each, and strings
that are made of them and of characters that tokenizers stumble over."""

import random

PHRASES = """
a photo of a cat|the red fox sleeps|two small birds|an old house by the lake|a car, broken
une photo d'un chien|le château près de la rivière|forêt enneigée|ein Foto eines Fuchses
die große Straße|el gato pequeño|ñandú y cigüeña|uma fotografia de um avião|kırmızı ışık
İstanbul'da bir köprü|zdjęcie żółtej łódki|fotografie černého koně|ảnh một con mèo đen
фотография кота|красный дом у реки|ёлка и снег|світлина зеленого поля|їжак
φωτογραφία μιας γάτας|ο κόκκινος δρόμος|μικρός ΣΚΥΛΟΣ|Ελλάδα
صورة قطة سوداء|بيت قديم|عکس یک پرندهٔ کوچک|کتاب و قلم|تصوير كلب
תמונה של חתול|בית אדום|שָׁלוֹם
बिल्ली की तस्वीर|लाल घर|छोटा कुत्ता|বিড়ালের ছবি|লাল ফুল|নদীর ধারে
பூனையின் படம்|சிவப்பு வீடு|పిల్లి చిత్రం|ఎర్ర పువ్వు|ಬೆಕ್ಕಿನ ಚಿತ್ರ|പൂച്ചയുടെ ചിത്രം
બિલાડીનો ફોટો|ਬਿੱਲੀ ਦੀ ਤਸਵੀਰ|ବିରାଡିର ଛବି|පූසාගේ ඡායාරූපය
ภาพถ่ายของแมว|บ้านสีแดงริมแม่น้ำ|ຮູບແມວ|កន្ទុយឆ្មា|ကြောင်ဓာတ်ပုံ|བྱི་ལ
猫的照片|红色的房子|河边的小狗|貓的相片|ねこの写真|あかい家|カメラとレンズ|ﾈｺ
고양이 사진|빨간 집|강가의 작은 개|კატის ფოტო|წითელი სახლი|կատվի լուսանկար
የድመት ፎቶ|ቀይ ቤት|ᏪᏌ|ᐳᓯ|ދިވެހި|🐈 😀 👩‍👩‍👧 🇰🇷
""".replace("\n", "|").split("|")
PHRASES = [p for p in PHRASES if p]
ODD = (
    "\u0301 \u0308 \u200d \u3000 \u00a0 ﬁ ½ ™ ① ｶﾞ ＡＢＣ 가 é ά Σ ς ǅ _ - ' \" < > & &amp; &lt; "
    "â€™ Ã© ▁ ▁▁ \t \n \u200b \u2028 \ufeff \ufffd ㎏ № … — «» # ## [UNK] </s> <pad> <0x41> $ € "
    "+ = ~"
).split(" ")
UNTRAINED = "ⴰⵎⵓⵛ ꦏꦸꦕꦶꦁ 𐌰𐍄𐍄𐌰 𒀭 Ꮳ ߛ ܟ ꯀ ᠮᠣᠩᠭᠣᠯ ឆ ⵣ 𞤀".split()


def words():
    return [w for p in PHRASES for w in p.split()]


def corpus(n=6000):
    rng = random.Random(1)
    some = words()
    return PHRASES * 20 + [
        " ".join(rng.choice(some) for _ in range(rng.randint(1, 6))) for _ in range(n)
    ]


def texts(n=420):
    rng = random.Random(2)
    some = words()
    out = ["", " ", "  a  photo ", "x" * 300, "猫" * 120, *PHRASES, *ODD, *UNTRAINED]
    while len(out) < n:
        parts = [
            rng.choice((rng.choice(some), rng.choice(some), rng.choice(ODD), rng.choice(UNTRAINED)))
            for _ in range(rng.randint(1, 9))
        ]
        out.append(rng.choice((" ", " ", "", "  ", "-")).join(parts))
    return out
