/// The words of the reasons in the eight languages.
extension CultureReason {
    static let speaksPhrases = [
        "en": "Language of service", "zh-Hans": "服务语言", "zh-Hant": "服務語言", "ja": "対応言語", "de": "Sprache", "nl": "Taal",
        "fr": "Langue", "ko": "응대 언어",
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
