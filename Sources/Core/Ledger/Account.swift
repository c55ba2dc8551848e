// SPDX-License-Identifier: Apache-2.0

public import Bytes
public import Cryptography

/// What the ledger knows of an account.
public struct Account: Hashable, Sendable {
    /// Its address.
    public let address: AccountAddress
    /// Its number, given once, in the order in which accounts came to be.
    public let number: UInt64
    /// How many of its transactions are in the chain.
    public var sequence: UInt64
    /// What it holds, in the smallest coin.
    public var balance: UInt64
    /// Its key, known from its first transaction on.
    public var key: Secp256k1PublicKey?

    /// Takes the parts.
    public init(
        address: AccountAddress, number: UInt64, sequence: UInt64 = 0, balance: UInt64 = 0,
        key: Secp256k1PublicKey? = nil
    ) {
        self.address = address
        self.number = number
        self.sequence = sequence
        self.balance = balance
        self.key = key
    }

    /// The leaf of the state: `address 20 ‖ number u64 ‖ sequence u64 ‖ balance u64 ‖ key 33 or
    /// none`, integers big-endian; 44 or 77 bytes.
    public func encode() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(77)
        bytes.append(address.bytes)
        bytes.append(bigEndian: number)
        bytes.append(bigEndian: sequence)
        bytes.append(bigEndian: balance)
        if let key { bytes.append(key.bytes) }
        return bytes
    }

    /// Reads the leaf.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(DecodeFault) -> Account {
        var reader = ByteReader(bytes)
        var account = Account(
            address: AccountAddress(try reader.fixed()), number: try reader.bigEndian(),
            sequence: try reader.bigEndian(), balance: try reader.bigEndian())
        if !reader.isAtEnd { account.key = Secp256k1PublicKey(try reader.fixed()) }
        try reader.finish()
        return account
    }
}
