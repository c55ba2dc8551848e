// SPDX-License-Identifier: Apache-2.0

/// Running code by itself, without a transaction around it.
extension TransactionExecutor {
    /// What came of a run of code.
    public struct CodeOutcome: Sendable {
        /// Whether it ended well.
        public let succeeded: Bool
        /// Gas that is left.
        public let gasLeft: UInt64
        /// What it gave back.
        public let output: [UInt8]
        /// What it said.
        public let logs: [Log]
    }

    /// Runs the code of an account as called by another, which pays nothing and sends nothing.
    ///
    /// The value is what the code is told, no coins move. Changes are handed to the block.
    public func runCode(
        of address: Address, caller: Address, origin: Address, gasPrice: UInt256, value: UInt256,
        input: [UInt8], gas: UInt64
    ) throws(TransactionFault) -> CodeOutcome {
        journal.begin()
        machine.origin = origin
        machine.gasPrice = gasPrice
        machine.blobHashes = []
        machine.refund = 0
        machine.depth = 0
        machine.outputSize = 0
        let sender = journal.account(caller)
        let to = journal.account(address)
        let (ending, left) = call(
            to, address, from: sender, value: .zero, input: input, Int64(clamping: gas),
            shownValue: value)
        if let missing = machine.precompiles.missing { throw .missingPrecompile(missing) }
        journal.commit(deletingEmpty: fork >= .spuriousDragon)
        return CodeOutcome(
            succeeded: ending == .success, gasLeft: UInt64(left),
            output: Array(UnsafeBufferPointer(start: machine.output, count: machine.outputSize)),
            logs: ending == .success ? journal.logs : [])
    }
}
