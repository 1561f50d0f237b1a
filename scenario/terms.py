"""The words that sheets use for ranks, models, categories and conditions.

Each table leads from what a clerk writes to the term that is meant; a form that could mean two
things (م. أول: ملازم أول or مساعد أول) is in none of them.
"""

from __future__ import annotations

RANK_FORMS = {
    "ر. أول": "رقيب أول",
    "رقيب/1": "رقيب أول",
    "ج/1": "جندي أول",
    "ج. أول": "جندي أول",
    "ملازم/1": "ملازم أول",
    "مساعد/1": "مساعد أول",
    "Col": "عقيد",
    "Lt Col": "مقدم",
    "Maj": "رائد",
    "Capt": "نقيب",
    "1st Lt": "ملازم أول",
    "Sgt": "رقيب",
    "Cpl": "عريف",
    "Pvt": "جندي",
}

CATEGORIES = {
    "بندقية": "RIFLE",
    "رشاش": "MACHINE_GUN",
    "قناصة": "SNIPER_RIFLE",
    "مسدس": "PISTOL",
    "قاذف": "LAUNCHER",
    "هاون": "MORTAR",
    "مدفع عديم الارتداد": "RECOILLESS_GUN",
    "غير محدد": "UNIDENTIFIED",
}

MODEL_FORMS = {
    "كلاشنكوف AKM": "AKM",
    "AK 74": "AK-74",
    "Type-56": "Type 56",
    "بي كي إم": "PKM",
    "دراغونوف": "SVD",
    "ماكاروف": "PM",
    "توكاريف": "TT-33",
    "آر بي جي 7": "RPG-7",
    "دوشكا": "DShKM",
}

CALIBRES = {
    "AKM": "7.62×39",
    "AKMS": "7.62×39",
    "Type 56": "7.62×39",
    "AK-74": "5.45×39",
    "AKS-74": "5.45×39",
    "AKS-74U": "5.45×39",
    "RPK": "7.62×39",
    "PKM": "7.62×54R",
    "SVD": "7.62×54R",
    "PM": "9×18",
    "TT-33": "7.62×25",
    "RPG-7": "40",
    "DShKM": "12.7×108",
    "82-BM-37": "82",
    "SPG-9": "73",
}

CONDITIONS = {"صالح": "SERVICEABLE", "مستعمل": "WORN", "متضرر": "DAMAGED", "ناقص": "INCOMPLETE"}

COUNTRIES = {"SUN": "الاتحاد السوفيتي", "CHN": "الصين", "unknown": "غير معروف"}

ACCESSORIES = {
    "magazine": "مخزن",
    "sling": "حمالة",
    "cleaning kit": "عدة تنظيف",
    "bayonet": "حربة",
    "ammunition box": "صندوق ذخيرة",
    "spare barrel": "سبطانة احتياطية",
    "optical sight": "منظار",
    "holster": "جراب",
    "base plate": "قاعدة",
    "bipod": "حامل ثنائي",
    "tripod": "حامل ثلاثي",
}

PERSON_COLUMNS = {
    "number": "م",
    "declared_name": "الاسم الثلاثي",
    "name_latin": "Name (English)",
    "father_name": "اسم الأب",
    "birth_date": "تاريخ الولادة",
    "service_number": "الرقم العسكري / Service No.",
    "rank": "الرتبة",
    "unit": "الوحدة",
    "entered_at": "تاريخ الدخول",
    "registered_at": "تاريخ التسجيل",
    "site": "الموقع / Site",
    "sect": "طائفة",
}

WEAPON_COLUMNS = {
    "number": "م",
    "category": "الصنف",
    "model": "النوع / Model",
    "make": "الصنع / Make",
    "calibre": "العيار",
    "country": "بلد الصنع",
    "year": "سنة الصنع",
    "serial": "رقم السلاح / Serial No.",
    "condition": "الحالة",
    "accessories": "الملحقات",
    "depositor": "المودع",
    "received_at": "تاريخ الاستلام",
    "inventoried_at": "تاريخ الجرد",
    "place": "الرف / Rack",
    "team": "الفريق",
}
