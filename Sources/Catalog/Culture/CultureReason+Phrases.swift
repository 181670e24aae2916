/// The words of the reasons in the eight languages.
extension CultureReason {
    static let speaksPhrases = [
        "en": "Language of service", "zh-Hans": "服务语言", "zh-Hant": "服務語言", "ja": "対応言語", "de": "Sprache", "nl": "Taal",
        "fr": "Langue", "ko": "응대 언어",
    ]
    /// By who or what speaks the language.
    static let channelPhrases: [String: [String: String]] = [
        "front_desk": [
            "en": "front desk", "zh-Hans": "前台", "zh-Hant": "櫃檯", "ja": "受付", "de": "Empfang", "nl": "balie",
            "fr": "accueil", "ko": "안내 데스크",
        ],
        "clinician": [
            "en": "doctor", "zh-Hans": "医生", "zh-Hant": "醫生", "ja": "医師", "de": "Arzt", "nl": "arts",
            "fr": "médecin", "ko": "의사",
        ],
        "phone": [
            "en": "telephone", "zh-Hans": "电话", "zh-Hant": "電話", "ja": "電話", "de": "Telefon", "nl": "telefoon",
            "fr": "téléphone", "ko": "전화",
        ],
        "teaching": [
            "en": "teaching", "zh-Hans": "教学", "zh-Hant": "教學", "ja": "授業", "de": "Unterricht", "nl": "onderwijs",
            "fr": "enseignement", "ko": "수업",
        ],
        "written": [
            "en": "in writing", "zh-Hans": "书面", "zh-Hant": "書面", "ja": "文書", "de": "schriftlich",
            "nl": "schriftelijk", "fr": "par écrit", "ko": "서면",
        ],
        "web": [
            "en": "website", "zh-Hans": "网站", "zh-Hant": "網站", "ja": "ウェブサイト", "de": "Website", "nl": "website",
            "fr": "site web", "ko": "웹사이트",
        ],
        "worship": [
            "en": "worship", "zh-Hans": "礼拜", "zh-Hant": "禮拜", "ja": "礼拝", "de": "Gottesdienst", "nl": "eredienst",
            "fr": "culte", "ko": "예배",
        ],
    ]
    /// Before the month.
    static let confirmedPhrases = [
        "en": "confirmed", "zh-Hans": "确认于", "zh-Hant": "確認於", "ja": "確認", "de": "bestätigt", "nl": "bevestigd",
        "fr": "confirmé en", "ko": "확인",
    ]
    static let nationalityPhrases = [
        "en": "Matches your nationality", "zh-Hans": "与您的国籍相符", "zh-Hant": "與您的國籍相符", "ja": "ご国籍に合うもの",
        "de": "Passt zu Ihrer Nationalität", "nl": "Past bij uw nationaliteit", "fr": "Correspond à votre nationalité",
        "ko": "국적에 맞음",
    ]
    static let lapsedPhrases = [
        "en": "No longer accredited", "zh-Hans": "认证已失效", "zh-Hant": "認證已失效", "ja": "認定は失効",
        "de": "Akkreditierung erloschen", "nl": "Accreditatie vervallen", "fr": "Accréditation expirée", "ko": "인증 만료",
    ]
    static let admittedPhrases = [
        "en": "Admits your nationality", "zh-Hans": "招收您国籍的学生", "zh-Hant": "招收您國籍的學生", "ja": "ご国籍の方は入学可能",
        "de": "Nimmt Ihre Nationalität auf", "nl": "Laat uw nationaliteit toe", "fr": "Admet votre nationalité",
        "ko": "해당 국적 입학 가능",
    ]
    static let notAdmittedPhrases = [
        "en": "Does not admit your nationality", "zh-Hans": "不招收您国籍的学生", "zh-Hant": "不招收您國籍的學生",
        "ja": "ご国籍の方は入学不可", "de": "Nimmt Ihre Nationalität nicht auf", "nl": "Laat uw nationaliteit niet toe",
        "fr": "N’admet pas votre nationalité", "ko": "해당 국적 입학 불가",
    ]
    static let rightAgePhrases = [
        "en": "Right for your children’s ages", "zh-Hans": "适合您孩子的年龄", "zh-Hant": "適合您孩子的年齡",
        "ja": "お子様の年齢に合う", "de": "Passt zum Alter Ihrer Kinder", "nl": "Past bij de leeftijd van uw kinderen",
        "fr": "Convient à l’âge de vos enfants", "ko": "자녀 나이에 맞음",
    ]
    static let wrongAgePhrases = [
        "en": "Not for your children’s ages", "zh-Hans": "不适合您孩子的年龄", "zh-Hant": "不適合您孩子的年齡",
        "ja": "お子様の年齢に合わない", "de": "Nicht für das Alter Ihrer Kinder", "nl": "Niet voor de leeftijd van uw kinderen",
        "fr": "Ne convient pas à l’âge de vos enfants", "ko": "자녀 나이에 맞지 않음",
    ]
    static let faithPhrases = [
        "en": "Your faith", "zh-Hans": "您的信仰", "zh-Hant": "您的信仰", "ja": "ご信仰", "de": "Ihr Glaube", "nl": "Uw geloof",
        "fr": "Votre religion", "ko": "나의 종교",
    ]
    static let otherFaithPhrases = [
        "en": "Another faith", "zh-Hans": "其他信仰", "zh-Hant": "其他信仰", "ja": "別の信仰", "de": "Anderer Glaube",
        "nl": "Ander geloof", "fr": "Autre religion", "ko": "다른 종교",
    ]
    static let dietPhrases = [
        "en": "Your diet", "zh-Hans": "您的饮食", "zh-Hant": "您的飲食", "ja": "お食事の条件", "de": "Ihre Ernährung",
        "nl": "Uw dieet", "fr": "Votre régime", "ko": "나의 식단",
    ]
    static let unknownPhrases = [
        "en": "Not known", "zh-Hans": "情况不明", "zh-Hant": "情況不明", "ja": "不明", "de": "Nicht bekannt", "nl": "Niet bekend",
        "fr": "Non renseigné", "ko": "알 수 없음",
    ]
    static let insurerPhrases = [
        "en": "Your insurer", "zh-Hans": "您的保险公司", "zh-Hant": "您的保險公司", "ja": "ご加入の保険", "de": "Ihre Versicherung",
        "nl": "Uw verzekeraar", "fr": "Votre assureur", "ko": "나의 보험사",
    ]
}
