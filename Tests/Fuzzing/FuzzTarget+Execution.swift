// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Execution

extension FuzzTarget {
    /// What module Execution reads, and code that anybody may have it run.
    static let execution: [FuzzTarget] = [
        .reader("rlp") { input throws(DecodeFault) in
            let item = try RLPItem(decoding: input)
            guard item.isList else { return }
            let items = try item.list()
            precondition(items.flatMap(\.encoding) == Array(item.content), "rlp: other items")
        },
        .roundTrip(
            "ethereum-transaction", isCanonical: true,
            decode: { input throws(DecodeFault) in try Transaction(decoding: input) },
            encode: { $0.encoding }),
        .roundTrip(
            "ethereum-block", isCanonical: true,
            decode: { input throws(DecodeFault) in try ExecutionBlock(decoding: input) },
            encode: { $0.encoding }),
        FuzzTarget("ethereum-code", runCode),
        FuzzTarget("ethereum-precompile") { input in
            guard let number = input.first else { return }
            let address = Address(number == 0xff ? 0x100 : UInt64(number % 18))
            let outcome = PrecompiledContract.run(
                address, .osaka, input: Array(input.dropFirst()), gas: 200_000)
            precondition(outcome != .missing, "a contract is missing")
        },
    ]

    /// The first byte of the input chooses the fork, the rest is a contract's code.
    @Sendable private static func runCode(_ input: [UInt8]) {
        let forks = Hardfork.allCases
        let fork = forks[Int(input.first ?? 0) % forks.count]
        let contract = Address(0xc0de)
        let state = MemoryState()
        state.insert(
            contract, nonce: 1, balance: UInt256(1000), code: Array(input.dropFirst()),
            storage: [(.one, .one)])
        let environment = BlockEnvironment(
            fork: fork, feeRecipient: Address(0xfee), number: 10, timestamp: 1000,
            gasLimit: 30_000_000, difficulty: .one)
        let block = BlockState(base: state)
        let executor = TransactionExecutor(state: block, environment: environment)
        let outcome = try? executor.runCode(
            of: contract, caller: Address(1), origin: Address(1), gasPrice: .one, value: .zero,
            input: input, gas: 100_000)
        precondition(outcome.map { $0.gasLeft <= 100_000 } ?? false, "gas from nothing")
        state.apply(block.takeChanges())
        _ = state.rootHash()
    }
}
