// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare

/// A square drawn in characters: a letter for each namespace, dots for padding.
enum SquarePicture {
    /// The widest square that is drawn share by share; wider ones are drawn in cells of several.
    static let cellsMax = 64

    /// The lines of the drawing, and what its letters mean.
    static func lines(_ square: OriginalDataSquare) -> [String] {
        let step = max(1, square.width / cellsMax)
        var letters: [(namespace: Namespace, letter: Character)] = []
        var lines: [String] = []
        for row in stride(from: 0, to: square.width, by: step) {
            var line = "  "
            for column in stride(from: 0, to: square.width, by: step) {
                do throws(DecodeFault) {
                    let share = try Share(decoding: square.shareBytes(row: row, column: column))
                    line.append(letter(of: share, &letters))
                } catch {
                    line.append("?")
                }
            }
            lines.append(line)
        }
        lines.append("  t transactions  p payments  · padding")
        for (namespace, letter) in letters {
            lines.append("  \(letter) namespace \(Hex.encode(namespace.identifier.suffix(10)))")
        }
        return lines
    }

    private static func letter(
        of share: Share, _ letters: inout [(namespace: Namespace, letter: Character)]
    ) -> Character {
        let namespace = share.namespace
        if namespace == .transactions { return "t" }
        if namespace == .payForBlobs { return "p" }
        if share.isPadding || namespace.isReserved { return "·" }
        if let known = letters.first(where: { $0.namespace == namespace }) { return known.letter }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        let letter = alphabet[letters.count % alphabet.count]
        letters.append((namespace, letter))
        return letter
    }
}
