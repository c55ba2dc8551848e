// SPDX-License-Identifier: Apache-2.0

import Bytes
import Execution
import Testing

/// The machine on small programs: results, prices, and rules that others got wrong.
@Suite struct MachineTests {
    static let contract = Address(0xc0de)
    static let caller = Address(0xca11)

    /// Runs a program of one contract, beside others.
    static func run(
        _ code: [UInt8], _ fork: Hardfork = .osaka, gas: UInt64 = 1_000_000, input: [UInt8] = [],
        beside others: [Address: [UInt8]] = [:]
    ) throws -> TransactionExecutor.CodeOutcome {
        let state = MemoryState()
        state.insert(contract, nonce: 1, balance: UInt256(1000), code: code, storage: [])
        for (address, code) in others {
            state.insert(address, nonce: 1, balance: .zero, code: code, storage: [])
        }
        return try executor(state, fork).runCode(
            of: contract, caller: caller, origin: caller, gasPrice: .one, value: .zero,
            input: input, gas: gas)
    }

    static func executor(_ state: MemoryState, _ fork: Hardfork) -> TransactionExecutor {
        TransactionExecutor(state: BlockState(base: state), environment: environment(fork))
    }

    static func environment(_ fork: Hardfork) -> BlockEnvironment {
        BlockEnvironment(
            fork: fork, feeRecipient: Address(0xfee), number: 10, timestamp: 1000,
            gasLimit: 30_000_000, difficulty: .one, blobsMax: 6)
    }

    /// Returns the topmost word.
    static let giveBack: [UInt8] = [0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]

    /// 3 · 4 + 2, and what each instruction costs.
    @Test func sumsAndPrices() throws {
        let outcome = try Self.run([0x60, 4, 0x60, 3, 0x02, 0x60, 2, 0x01] + Self.giveBack)
        #expect(outcome.succeeded && UInt256(bigEndian: outcome.output) == UInt256(14))
        // Three pushes, MUL, PUSH, ADD; PUSH0, MSTORE with a word of memory, PUSH, PUSH0.
        let spent: UInt64 = 3 + 3 + 5 + 3 + 3 + 2 + 3 + 3 + 3 + 2
        #expect(outcome.gasLeft == 1_000_000 - spent)
    }

    /// A JUMPDEST that is an operand is none; one behind it is.
    @Test func operandsAreNoDestinations() throws {
        let code: [UInt8] = [0x60, 4, 0x56, 0x60, 0x5b, 0x5b, 0x00]
        #expect(try !Self.run(code).succeeded)
        #expect(try Self.run([0x60, 5] + code.dropFirst(2)).succeeded)
        #expect(try !Self.run([0x60, 200, 0x56]).succeeded)
    }

    /// 1024 words fit, the next does not; taking from nothing fails.
    @Test func theStackHasItsLimit() throws {
        let words = [UInt8](repeating: 0x5f, count: ExecutionLimits.stackWords)
        #expect(try Self.run(words).succeeded)
        #expect(try !Self.run(words + [0x5f]).succeeded)
        #expect(try !Self.run([0x5f, 0x01]).succeeded)
    }

    /// Instructions exist from their fork on.
    @Test func instructionsComeWithForks() throws {
        let firsts: [([UInt8], Hardfork)] = [
            ([0x60, 0, 0x60, 0, 0xfd], .byzantium), ([0x60, 0, 0x60, 0, 0x1b], .constantinople),
            ([0x46], .istanbul), ([0x48], .london), ([0x5f], .shanghai),
            ([0x60, 0, 0x5c], .cancun), ([0x60, 1, 0x1e], .osaka),
        ]
        for (code, first) in firsts {
            for fork in Hardfork.allCases {
                let outcome = try Self.run(code, fork)
                #expect((outcome.gasLeft > 0) == (fork >= first), "\(code) \(fork)")
            }
        }
    }

    /// A contract that calls itself is stopped by the depth of calls or by gas, not by the process.
    @Test func callsWithinCallsEnd() throws {
        // Calls itself with all gas, then adds one to the count that the inner call gave back.
        let call: [UInt8] = [
            0x60, 0x20, 0x5f, 0x5f, 0x5f, 0x5f, 0x30, 0x5a, 0xf1, 0x50, 0x5f, 0x51, 0x60, 1, 0x01,
        ]
        for fork in [Hardfork.shanghai, .osaka] {
            let outcome = try Self.run(call + Self.giveBack, fork, gas: 1 << 50)
            let depth = UInt256(UInt64(ExecutionLimits.callDepth) + 1)
            #expect(UInt256(bigEndian: outcome.output) == depth)
        }
    }

    /// What a static call runs stores nothing.
    @Test func staticCallsStoreNothing() throws {
        let other = Address(0xbeef)
        let store: [UInt8] = [0x60, 1, 0x5f, 0x55]
        let call: [UInt8] = [0x5f, 0x5f, 0x5f, 0x5f, 0x61, 0xbe, 0xef, 0x5a, 0xfa]
        let outcome = try Self.run(call + Self.giveBack, beside: [other: store])
        #expect(UInt256(bigEndian: outcome.output) == .zero)
    }

    /// Reading more than the last call gave back fails; reading all of it does not.
    @Test func returnDataHasItsEnd() throws {
        let other = Address(0xbeef)
        let call: [UInt8] = [0x5f, 0x5f, 0x5f, 0x5f, 0x61, 0xbe, 0xef, 0x5a, 0xfa, 0x50]
        let code = [0x60, 7] + Self.giveBack
        for (size, isThere) in [(32 as UInt8, true), (33, false)] {
            let copy: [UInt8] = [0x60, size, 0x5f, 0x5f, 0x3e]
            let outcome = try Self.run(call + copy, beside: [other: code])
            #expect(outcome.succeeded == isThere)
        }
    }

    /// The addresses of EIP-1014's first examples.
    @Test func saltedAddresses() throws {
        let empty = UInt256(hexadecimal: ContractCode([0x00]).hash.description)
        #expect(
            Address(0).created(salt: .zero, codeHash: try #require(empty)).description
                == "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38")
    }

    /// Words of memory cost three and a 512th of their square; far ones cost more than there is.
    @Test func memoryCosts() throws {
        func spent(_ words: UInt64) throws -> UInt64 {
            let last = UInt256(words * 32 - 32).bytes32.array
            let outcome = try Self.run([0x5f, 0x7f] + last + [0x52], gas: 1 << 40)
            return (1 << 40) - outcome.gasLeft - 2 - 3 - 3
        }
        for words in [1, 2, 31, 32, 724, 1024, 5000] as [UInt64] {
            #expect(try spent(words) == 3 * words + words * words / 512)
        }
        let far = UInt256.max.bytes32.array
        #expect(try !Self.run([0x5f, 0x7f] + far + [0x52], gas: 1 << 60).succeeded)
    }
}
