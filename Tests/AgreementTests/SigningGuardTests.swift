// SPDX-License-Identifier: Apache-2.0

import Agreement
import Bytes
import Chain
import TestSupport
import Testing

/// What a signer refuses, and what its log looks like.
@Suite struct SigningGuardTests {
    private static func block(_ byte: UInt8) -> BlockReference {
        BlockReference(
            height: Height(5), hash: Bytes32(repeating: byte), dataRoot: Bytes32(repeating: 9))
    }

    private static func said(_ statement: Statement) -> AgreementRecord {
        .said(
            SignedStatement(statement, place: 1, timestamp: .zero, signature: Bytes64()))
    }

    /// Of every two statements the second is refused exactly when they conflict, before and after a
    /// restart; the same again gives the same bytes.
    @Test func everyPair() {
        let (one, two) = (Self.block(1), Self.block(2))
        let (epoch, view) = (Epoch(3), View.first)
        let intents: [SigningIntent] = [
            .propose(one, epoch, view), .propose(two, epoch, view), .notarize(one, epoch, view),
            .notarize(two, epoch, view), .nullify(epoch, view), .nullify(epoch, view.next),
            .notarize(two, epoch, view.next), .notarize(two, epoch.next, view),
        ]
        let earlier =
            intents.map(\.statement) + [
                .finalize(one, epoch, view), .finalize(two, epoch, view), .commit(one, epoch),
            ]
        for first in earlier {
            let signer = SigningGuard([Self.said(first)])
            for intent in intents {
                let verdict = signer.verdict(on: intent)
                if intent.statement == first {
                    guard case .again = verdict else { return #expect(verdict == .sign) }
                } else if first.fault(with: intent.statement) != nil {
                    guard case .conflicts = verdict else { return #expect(verdict == .belowFloor) }
                } else {
                    #expect(verdict == .sign, "\(intent) after \(first)")
                }
            }
        }
    }

    /// At and below the floor nothing is signed, above it everything may be.
    @Test func floorOnlyRises() throws {
        let view = try #require(View(7))
        var signer = SigningGuard([.floor(Self.block(1), Epoch(2), view)])
        #expect(signer.verdict(on: .nullify(Epoch(2), view)) == .belowFloor)
        #expect(signer.verdict(on: .nullify(Epoch(1), view.next)) == .belowFloor)
        #expect(signer.verdict(on: .nullify(Epoch(2), view.next)) == .sign)
        #expect(signer.verdict(on: .nullify(Epoch(3), .first)) == .sign)
        signer.note(.floor(Self.block(1), Epoch(2), .first))
        #expect(signer.verdict(on: .nullify(Epoch(2), view)) == .belowFloor)
    }

    /// The kept form, as another program wrote it.
    @Test func recordsVectors() throws {
        var count = 0
        for test in try Vectors.family("agreement").cases where try test["op"].string == "record" {
            count += 1
            let wire = try test["wire"].hex
            let record = try AgreementRecord(decoding: wire)
            #expect(record.encoded == wire)
            guard case .floor(let block, let epoch, let view) = record else {
                throw JSONTreeFault(description: "no floor")
            }
            #expect(Int(block.height.value) == (try test["height"].integer))
            #expect(Int(epoch.value) == (try test["epoch"].integer))
            #expect(Int(view.value) == (try test["view"].integer))
        }
        #expect(Vectors.isWhole(count, own: 1))
    }
}
