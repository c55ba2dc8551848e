// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Machinery
import Pooling
import TestSupport
import Testing

/// How orders get into blocks, told as scripts.
@Suite struct SubmissionMachineTests {
    /// Each story's effects are exactly those of its script.
    @Test(
        arguments: [
            "submission-once", "submission-twice", "submission-sequence", "submission-lost-answer",
            "submission-refused", "submission-line", "submission-timeout", "submission-price",
        ])
    func script(name: String) throws {
        var machine = SubmissionMachine()
        var now = Instant(nanoseconds: 0)
        try GoldenScript(name).run { command in
            let words = command.split(separator: " ").map(String.init)
            if words[0] == "at" {
                now = Instant(nanoseconds: try #require(UInt64(words[1])) * 1_000_000)
            }
            var effects: [SubmissionMachine.Effect] = []
            machine.handle(try Self.event(words), at: now, into: &effects)
            return effects.map(\.description)
        }
    }

    /// What no block takes is refused at once, before signing when its data alone is too much.
    @Test func overSizeLimit() throws {
        var machine = SubmissionMachine()
        let now = Instant(nanoseconds: 0)
        let key = SubmissionKey(digest: Bytes32(repeating: 1))
        let data = [UInt8](repeating: 7, count: SubmissionMachine.transactionMax + 1)
        let blob = try Blob(
            namespace: try Namespace(userID: [1, 2]), data: data, shareVersion: 0, signer: nil)
        var effects: [SubmissionMachine.Effect] = []
        machine.handle(
            .asked(key, SubmissionOrder(wish: .post([blob])), ticket: 1), at: now, into: &effects)
        #expect(effects == [.finish(ticket: 1, .failure(.overSizeLimit))])
        effects = []
        let small = SubmissionOrder(wish: .transfer(to: Bytes20(), amount: 1))
        machine.handle(.asked(key, small, ticket: 2), at: now, into: &effects)
        machine.handle(.account(AccountRecord()), at: now, into: &effects)
        effects = []
        machine.handle(
            .signed(key, transaction: data, hash: Bytes32()), at: now, into: &effects)
        #expect(effects == [.finish(ticket: 2, .failure(.overSizeLimit))])
    }

    private static func event(_ words: [String]) throws -> SubmissionMachine.Event {
        switch words[0] {
        case "ask":
            let order = SubmissionOrder(wish: .transfer(to: Bytes20(), amount: 1))
            return .asked(try key(words[1]), order, ticket: try #require(UInt64(words[2])))
        case "bring":
            let order = SubmissionOrder(wish: .signed([1]))
            return .asked(try key(words[1]), order, ticket: try #require(UInt64(words[2])))
        case "price":
            let order = SubmissionOrder(
                wish: .transfer(to: Bytes20(), amount: 1), gasPriceMillionths: 4)
            return .asked(try key(words[1]), order, ticket: try #require(UInt64(words[2])))
        case "signed":
            let byte = try #require(UInt8(words[2], radix: 16))
            return .signed(
                try key(words[1]), transaction: [byte, byte], hash: Bytes32(repeating: byte))
        case "pending":
            let byte = try #require(UInt8(words[2], radix: 16))
            return .responded(try key(words[1]), .pending(Bytes32(repeating: byte)))
        case "included":
            var record = InclusionRecord()
            record.height = try #require(UInt64(words[2]))
            return .responded(try key(words[1]), .included(record))
        case "refused":
            return .responded(
                try key(words[1]),
                .refused(
                    code: try #require(UInt32(words[2])), codespace: "sdk",
                    log: words.dropFirst(3).joined(separator: " ")))
        case "unknown": return .responded(try key(words[1]), .unknown)
        case "unanswered": return .unanswered(try key(words[1]))
        case "account":
            guard words.count == 3 else { return .account(nil) }
            var record = AccountRecord()
            record.number = try #require(UInt64(words[1]))
            record.sequence = try #require(UInt64(words[2]))
            return .account(record)
        case "at": return .woke
        default: throw JSONTreeFault(description: "unknown command \(words[0])")
        }
    }

    private static func key(_ word: String) throws -> SubmissionKey {
        SubmissionKey(digest: Bytes32(repeating: try #require(UInt8(word, radix: 16))))
    }
}

/// The messages between a submitting node and a validator.
@Suite struct SubmissionExchangeTests {
    private static let requests: [SubmissionRequest] = [
        .submit([]), .submit([1, 2, 3]), .status(Bytes32(repeating: 5)),
        .account(Bytes20(repeating: 9)),
    ]

    private static var responses: [SubmissionResponse] {
        var record = InclusionRecord()
        record.transactionHash = Bytes32(repeating: 3)
        record.height = 7
        record.code = 11
        record.codespace = "sdk"
        record.log = "out of gas"
        record.gasWanted = 80_000
        record.gasUsed = 79_796
        var account = AccountRecord()
        account.exists = true
        account.number = 2
        account.sequence = 40
        account.balance = .max
        return [
            .pending(Bytes32(repeating: 4)), .included(record), .included(InclusionRecord()),
            .refused(code: 32, codespace: "sdk", log: "incorrect account sequence"), .unknown,
            .account(account), .account(AccountRecord()),
        ]
    }

    /// What is written is read back the same.
    @Test func roundTrips() throws {
        for request in Self.requests {
            #expect(try SubmissionRequest(protobuf: request.protobuf) == request)
        }
        for response in Self.responses where response != .included(InclusionRecord()) {
            #expect(try SubmissionResponse(protobuf: response.protobuf) == response)
        }
    }

    /// Every truncation is refused or reads as something else, and never traps.
    @Test func truncations() throws {
        for response in Self.responses {
            let bytes = response.protobuf
            for end in 0..<bytes.count {
                let cut = Array(bytes.prefix(end))
                #expect((try? SubmissionResponse(protobuf: cut)) != response)
            }
        }
    }

    /// Two requests in one message, and none, are refused.
    @Test func exactlyOne() {
        #expect(throws: DecodeFault.self) { try SubmissionRequest(protobuf: []) }
        let two = Self.requests[1].protobuf + Self.requests[2].protobuf
        #expect(throws: DecodeFault.self) { try SubmissionRequest(protobuf: two) }
    }
}
