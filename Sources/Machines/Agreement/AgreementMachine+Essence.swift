// SPDX-License-Identifier: Apache-2.0

internal import Bytes
package import Chain

/// What of a machine decides about what it will do; for whoever explores all that can happen.
extension AgreementMachine {
    /// Words that are equal where two machines of one place go on alike in the views up to a last one.
    ///
    /// Left out is what only speeds things up or asks again: measured times, questions, single votes
    /// beside the certificates that they lead to, second proposals, and which faults were told of.
    package func essence(upTo last: View) -> [UInt64] {
        var words: [UInt64] = [
            min(view, last.next).value, min(target, last.next).value, finalView.value,
            Self.word(final.block), commits.finalHeight, commits.lowestOpen,
        ]
        let isInside = view <= last
        words.append(isInside && timer.advanceDeadline != nil ? 1 : 0)
        words.append(isInside && building != nil ? 1 : 0)
        words.append(isInside ? Self.word(unsigned?.block) : 0)
        for view in held where view <= last { words += self.words(of: view) }
        let known = blocks.values.filter { $0.proposal.view <= last }
            .sorted { Self.word($0.proposal.block) < Self.word($1.proposal.block) }
        for record in known {
            words.append(Self.word(record.proposal.block))
            words.append(record.hasRows ? 1 : 0)
            switch record.gate {
            case .idle: words.append(0)
            case .running: words.append(1)
            case .passed: words.append(2)
            case .refused: words.append(3)
            }
            words.append(record.notarizedIn.reduce(0) { $0 | 1 << min($1.value, 63) })
        }
        for height in commits.open(limit: .max) {
            words.append(height.value)
            words.append(Self.word(commits[height].block))
            words.append(commits[height].isAsked ? 1 : 0)
        }
        return words
    }

    private func words(of view: View) -> [UInt64] {
        guard let record = views[view] else { return [] }
        let own = record.own
        let flags: UInt64 =
            (record.isRefused ? 1 : 0) | (record.nullification != nil ? 2 : 0)
            | (own.isNullified ? 4 : 0)
        return [
            1 << 63 | view.value, flags, Self.word(record.proposal?.block),
            Self.word(record.notarization?.statement.block),
            Self.word(record.finalization?.statement.block), Self.word(own.propose),
            Self.word(own.notarize), Self.word(own.finalize),
        ]
    }

    private static func word(_ block: BlockReference?) -> UInt64 {
        guard let block else { return 0 }
        return (0..<8).reduce(0) { $0 << 8 | UInt64(block.hash[$1]) }
    }
}
