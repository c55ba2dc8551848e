// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import Foundation
import LiveHost
import Roles
import Testing

/// A validator's key and its log on a real disk.
@Suite struct ValidatorSignerTests {
    private let directory = FileManager.default.temporaryDirectory.appending(
        path: "quadrat-signer-\(UUID().uuidString)"
    ).path

    private func signer(key: UInt8 = 1, chain: String = "one") throws -> ValidatorSigner {
        var seed = Bytes32()
        seed[0] = key
        return try ValidatorSigner(
            Ed25519PrivateKey(seed: seed), chainID: chain, directory: directory)
    }

    /// From here on the directory is that of a node that has run.
    private func letRun() throws {
        try FileManager.default.createDirectory(
            atPath: directory + "/index", withIntermediateDirectories: true)
    }

    private func wish(_ number: UInt64, _ intent: SigningIntent) -> ValidatorSigner.Wish {
        ValidatorSigner.Wish(
            ticket: Ticket(number), intent: intent, place: 0,
            time: Timestamp(nanosecondsSince1970: 1_767_225_600_000_000_000 + number))
    }

    private func block(_ byte: UInt8) -> BlockReference {
        var hash = Bytes32()
        hash[0] = byte
        return BlockReference(height: Height(1), hash: hash, dataRoot: hash)
    }

    /// What was signed is signed again with the same bytes after a restart, and nothing that
    /// conflicts with it, or that a floor covers.
    @Test func theLogOutlivesTheProcess() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = SigningIntent.notarize(block(1), Epoch(0), .first)
        let other = SigningIntent.notarize(block(2), Epoch(0), .first)
        let answered = try signer().carryOut([wish(1, first), wish(2, other)], floors: [])
        try letRun()
        guard answered.count == 2, case .signed(let time, let signature) = answered[0].1,
            case .refused = answered[1].1
        else {
            Issue.record("\(answered)")
            return
        }
        let again = try signer()
        #expect(again.quarantine == nil)
        #expect(again.said.map(\.signature) == [signature])
        let answers = again.carryOut([wish(3, first), wish(4, other)], floors: [])
        #expect(answers[0].1 == .signed(time, signature))
        guard case .refused = answers[1].1 else {
            Issue.record("two blocks of one view are notarized")
            return
        }
        _ = again.carryOut([], floors: [(block(1), Epoch(0), .first)])
        let settled = try signer()
        #expect(settled.said.isEmpty)
        guard
            case .refused = settled.carryOut([wish(5, .nullify(Epoch(0), .first))], floors: [])[0].1
        else {
            Issue.record("a settled view is signed in")
            return
        }
    }

    /// A log that is missing, foreign or damaged keeps its validator from signing anything.
    @Test(arguments: ["missing", "foreign", "damaged"])
    func withoutItsLogNothingIsSigned(_ trouble: String) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/signing/log"
        let before = try signer()
        _ = before.carryOut([wish(1, .nullify(Epoch(0), .first))], floors: [])
        _ = before.carryOut([wish(2, .nullify(Epoch(0), View.first.next))], floors: [])
        try letRun()
        var key: UInt8 = 1
        switch trouble {
        case "missing": try FileManager.default.removeItem(atPath: path)
        case "foreign": key = 2
        default:
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[512 + 20] ^= 1
            try bytes.write(to: URL(filePath: path))
        }
        let after = try signer(key: key)
        #expect(after.quarantine != nil)
        let answers = after.carryOut([wish(3, .nullify(Epoch(0), .first))], floors: [])
        guard case .unable = answers[0].1 else {
            Issue.record("\(trouble): \(answers)")
            return
        }
    }
}
