// SPDX-License-Identifier: Apache-2.0

/// Limits of Ethereum's machine, its transactions and its blocks.
public enum ExecutionLimits {
    /// Words of a stack.
    public static let stackWords = 1024
    /// Calls within calls.
    public static let callDepth = 1024
    /// Bytes of memory of all calls of a transaction together.
    ///
    /// Gas for so much is beyond every block's; going over it is called out of gas, as other
    /// machines do.
    public static let memorySizeBytes = 1 << 32
    /// Bytes of a contract's code (EIP-170).
    public static let codeSizeBytes = 24576
    /// Bytes of the code that makes one (EIP-3860).
    public static let creationCodeSizeBytes = 49152
    /// Bytes of each number that is raised to a power (EIP-7823).
    public static let powerSizeBytes = 1024
    /// Gas that one transaction may use (EIP-7825).
    public static let transactionGas: UInt64 = 1 << 24
    /// Blobs that one transaction may carry (EIP-7594).
    public static let transactionBlobs = 6
    /// Bytes of a block (EIP-7934).
    public static let blockSizeBytes = 8_388_608
    /// Gas of a call that the rules of a block make.
    public static let systemCallGas: Int64 = 30_000_000
}
