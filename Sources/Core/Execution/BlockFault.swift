// SPDX-License-Identifier: Apache-2.0

/// Why a block is not one of a chain.
public enum BlockFault: Error, Hashable, Sendable {
    /// The header breaks the rule that the text names.
    case header(String)
    /// The body has what the fork does not let it have, or lacks what it must have.
    case body(String)
    /// A block beside the chain that cannot be named here.
    case uncle(String)
    /// A transaction that cannot stand where it stands.
    case transaction(Int, TransactionFault)
    /// The signature of a transaction is nobody's.
    case sender(Int)
    /// A contract that the rules call is not there or failed.
    case systemCall(Address)
    /// A deposit's log is not in the form of EIP-6110.
    case deposit
    /// The header says another gas, root, bloom or digest than execution gives.
    case outcome(String)
}
