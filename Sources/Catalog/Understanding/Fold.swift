import Foundation

/// Brings different spellings of one word to one form, for what is searched and for what is searched with.
///
/// Folded text is letters and digits in small script with single spaces between words: compatibility forms are resolved
/// (NFKC: ｲﾝﾀｰ, ㈱, ①), traditional characters and Japan's new forms become simplified ones, katakana becomes hiragana,
/// Latin letters lose their marks, whatever is not a letter or digit separates words, and invisible characters vanish.
package enum Fold {
    /// Changes with every rule and table here: documents folded by another version have to be folded again.
    package static let version: Int32 = 2

    /// How ä, ö and ü become plain letters.
    package enum Umlauts: Sendable {
        /// a, o, u.
        case dropped
        /// ae, oe, ue, as Germans write them where there are no umlauts.
        case spelled
    }

    /// The most characters of a text that are looked at: what somebody wants stands in the first lines.
    package static let longestText = 1000
    /// Some characters grow to eighteen by NFKC.
    private static let longestResult = 2000

    package static func text(_ text: String, umlauts: Umlauts = .dropped) -> String {
        let beginning = text.prefix(longestText)
        if beginning.utf8.allSatisfy({ $0 < 0x80 }) { return plain(Array(beginning.utf8)) }
        let composed = String(beginning).precomposedStringWithCompatibilityMapping.prefix(longestResult)
        let scalars = Array(composed.lowercased().unicodeScalars)
        var folded = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() where scalar != "s" || !isPossessive(at: index, in: scalars) {
            if let voiced = voicedKana(scalar, after: folded.last) {
                folded.removeLast()
                folded.append(voiced)
            } else if isLongMark(at: index, in: scalars) {
                folded.append("ー")
            } else {
                append(scalar, to: &folded, umlauts)
            }
        }
        if folded.last == " " { folded.removeLast() }
        return String(folded)
    }

    /// The same for ASCII, which most words are: a fraction of the time.
    private static func plain(_ bytes: [UInt8]) -> String {
        var folded: [UInt8] = []
        folded.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x61...0x7A, 0x30...0x39:
                if byte == 0x73, index > 0, bytes[index - 1] == 0x27, !isLetter(bytes, at: index + 1) { continue }
                folded.append(byte)
            case 0x41...0x5A:
                if byte == 0x53, index > 0, bytes[index - 1] == 0x27, !isLetter(bytes, at: index + 1) { continue }
                folded.append(byte | 0x20)
            default:
                if let last = folded.last, last != 0x20 { folded.append(0x20) }
            }
        }
        if folded.last == 0x20 { folded.removeLast() }
        return String(decoding: folded, as: UTF8.self)
    }

    private static func isLetter(_ bytes: [UInt8], at index: Int) -> Bool {
        index < bytes.count && (0x61...0x7A).contains(bytes[index] | 0x20)
    }

    /// People's: its s is no word, while the l of l'école is one.
    private static func isPossessive(at index: Int, in scalars: [Unicode.Scalar]) -> Bool {
        guard index > 0, scalars[index - 1] == "'" || scalars[index - 1] == "’" else { return false }
        return index + 1 == scalars.count || !scalars[index + 1].properties.isAlphabetic
    }

    /// Whether a text has letters that ``Umlauts`` treats in two ways.
    package static func hasUmlauts(_ text: String) -> Bool {
        text.unicodeScalars.contains { "äöüÄÖÜ".unicodeScalars.contains($0) || $0.value == 0x308 }
    }

    // MARK: Characters

    /// Whether a dash stands for the long mark of kana, which it looks like: between two kana (ラ－メン).
    private static func isLongMark(at index: Int, in scalars: [Unicode.Scalar]) -> Bool {
        guard dashes.contains(scalars[index]), index > 0, index + 1 < scalars.count else { return false }
        return isKana(scalars[index - 1]) && isKana(scalars[index + 1])
    }

    private static let dashes: Set<Unicode.Scalar> = ["-", "‐", "‑", "–", "—", "―", "−"]

    private static func isKana(_ scalar: Unicode.Scalar) -> Bool {
        (0x3041...0x3096).contains(scalar.value) || (0x30A1...0x30FC).contains(scalar.value)
    }

    /// The kana that a mark of voice makes of the one before it: half-width ﾋﾞ is two characters, which not every NFKC
    /// joins.
    private static func voicedKana(_ mark: Unicode.Scalar, after last: Unicode.Scalar?) -> Unicode.Scalar? {
        guard let last, (0x3041...0x3096).contains(last.value) else { return nil }
        switch mark.value {
        case 0x3099, 0x309B, 0xFF9E: return voiced[last]
        case 0x309A, 0x309C, 0xFF9F: return halfVoiced[last]
        default: return nil
        }
    }

    private static let voiced = Dictionary(
        uniqueKeysWithValues: zip(
            "うかきくけこさしすせそたちつてとはひふへほ".unicodeScalars,
            "ゔがぎぐげござじずぜぞだぢづでどばびぶべぼ".unicodeScalars
        )
    )
    private static let halfVoiced = Dictionary(
        uniqueKeysWithValues: zip("はひふへほ".unicodeScalars, "ぱぴぷぺぽ".unicodeScalars)
    )

    /// Appends what stands for a character: nothing for an invisible one, one space for all that separates words.
    private static func append(_ scalar: Unicode.Scalar, to folded: inout String.UnicodeScalarView, _ umlauts: Umlauts)
    {
        switch scalar.value {
        // Letters, digits, hiragana, the long mark, Hangul.
        case 0x61...0x7A, 0x30...0x39, 0x3041...0x3096, 0x30FC, 0xAC00...0xD7A3: folded.append(scalar)
        case 0..<0x80: separate(&folded)
        case 0x30A1...0x30F6: folded.append(Unicode.Scalar(scalar.value - 0x60) ?? scalar)
        case 0x4E00...0x9FFF: folded.append(simplified[scalar] ?? scalar)
        case 0x0300...0x036F: break
        default: appendOther(scalar, to: &folded, umlauts)
        }
    }

    private static func appendOther(
        _ scalar: Unicode.Scalar,
        to folded: inout String.UnicodeScalarView,
        _ umlauts: Umlauts
    ) {
        if umlauts == .spelled, let spelled = spelledUmlauts[scalar] { return folded.append(contentsOf: spelled) }
        if let plain = plainLetters[scalar] { return folded.append(contentsOf: plain) }
        switch scalar.properties.generalCategory {
        case .format, .nonspacingMark: break
        case .lowercaseLetter, .uppercaseLetter, .titlecaseLetter, .otherLetter, .modifierLetter, .decimalNumber,
            .spacingMark, .letterNumber:
            folded.append(scalar)
        default: separate(&folded)
        }
    }

    private static func separate(_ folded: inout String.UnicodeScalarView) {
        if let last = folded.last, last != " " { folded.append(" ") }
    }

    private static let spelledUmlauts: [Unicode.Scalar: [Unicode.Scalar]] = [
        "ä": ["a", "e"], "ö": ["o", "e"], "ü": ["u", "e"],
    ]

    /// Latin letters with marks, and those that are two in one.
    private static let plainLetters: [Unicode.Scalar: [Unicode.Scalar]] = {
        var plain: [Unicode.Scalar: [Unicode.Scalar]] = [
            "ß": ["s", "s"], "œ": ["o", "e"], "æ": ["a", "e"], "ø": ["o"], "ł": ["l"], "đ": ["d"], "ı": ["i"],
            "ĳ": ["i", "j"], "þ": ["t", "h"], "ð": ["d"],
        ]
        for value in Array(0xC0...0x24F) + Array(0x1E00...0x1EFF) {
            guard let scalar = Unicode.Scalar(UInt32(value)), plain[scalar] == nil else { continue }
            let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
            guard parts.count > 1 else { continue }
            plain[scalar] = parts.filter { !(0x300...0x36F).contains($0.value) }
        }
        return plain
    }()

    /// Traditional characters and Japan's new forms to simplified ones. Never back: 髮 and 發 are both 发.
    private static let simplified: [Unicode.Scalar: Unicode.Scalar] = {
        var table: [Unicode.Scalar: Unicode.Scalar] = [:]
        for pairs in [traditionalPairs, japanesePairs] {
            let scalars = pairs.unicodeScalars.filter { !$0.properties.isWhitespace }
            var index = scalars.startIndex
            while index < scalars.endIndex {
                let next = scalars.index(after: index)
                table[scalars[index]] = scalars[next]
                index = scalars.index(after: next)
            }
        }
        return table
    }()

    /// Forms of the Japanese reform of 1946 that neither tradition nor the mainland has, each before the simplified
    /// character. Our own table.
    private static let japanesePairs = """
        亜亚悪恶圧压囲围壱壹隠隐営营栄荣衛卫駅驿円圆塩盐縁缘応应桜樱穏稳仮假価价壊坏懐怀絵绘拡扩覚觉楽乐巻卷陥陷缶罐歓欢関关観观
        勧劝気气帰归亀龟偽伪戯戏犠牺拠据挙举峡峡暁晓勲勋薫薰恵惠鶏鸡経经継继茎茎径径掲揭渓溪蛍萤軽轻芸艺撃击倹俭剣剑圏圈検检
        権权献献県县険险顕显験验厳严効效広广恒恒黄黄鉱矿剤剂雑杂参参桟栈蚕蚕惨惨賛赞歯齿児儿辞辞湿湿実实舎舍釈释収收従从渋涩縦纵
        獣兽粛肃処处緒绪諸诸渉涉焼烧証证称称奨奖条条乗乘浄净剰剩畳叠縄绳壌壤嬢娘譲让醸酿嘱嘱図图粋粹酔醉穂穗随随髄髓枢枢数数瀬濑
        斉齐斎斋摂摄専专浅浅戦战践践銭钱銓铨繊纤禅禅潜潜双双荘庄捜搜挿插巣巢争争総总聡聪蔵藏臓脏属属続续堕堕対对帯带滞滞滝泷択择
        沢泽単单担担胆胆断断団团弾弹遅迟昼昼虫虫鋳铸庁厅聴听徴征懲惩鎮镇逓递鉄铁転转点点伝传党党稲稻盗盗灯灯当当闘斗徳德読读届届
        弐贰悩恼脳脑覇霸拝拜廃废売卖麦麦発发髪发抜拔浜滨蛮蛮秘秘払拂仏佛併并並并変变辺边舗铺歩步宝宝豊丰褒褒縫缝翻翻没没満满黙默
        弥弥訳译薬药与与誉誉様样揺摇謡谣翠翠来来頼赖覧览竜龙両两猟猎緑绿塁垒涙泪類类励励礼礼隷隶霊灵齢龄恋恋歴历暦历労劳楼楼録录
        曽曾塚冢鴎鸥箇个
        """
}
