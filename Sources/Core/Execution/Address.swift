// SPDX-License-Identifier: Apache-2.0

public import Bytes
internal import Cryptography

/// An account's address, 20 bytes, held as a number so that it compares and hashes in registers.
@frozen public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The lowest 64 bits.
    public var w0: UInt64
    /// The next 64 bits.
    public var w1: UInt64
    /// The highest 32 bits.
    public var w2: UInt32

    /// The lowest 160 bits of a word, as the machine's instructions take addresses.
    @inlinable public init(_ word: UInt256) {
        w0 = word.w0
        w1 = word.w1
        w2 = UInt32(truncatingIfNeeded: word.w2)
    }

    /// A small number, as the precompiled contracts have.
    @inlinable public init(_ number: UInt64) {
        w0 = number
        w1 = 0
        w2 = 0
    }

    /// Copies 20 bytes; nil when there are more or fewer.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 20, let word = UInt256(bigEndian: bytes) else { return nil }
        self.init(word)
    }

    /// Reads 40 hexadecimal digits, with or without 0x; nil for anything else.
    public init?(hexadecimal text: some StringProtocol) {
        let digits = text.hasPrefix("0x") ? text.dropFirst(2) : text[...]
        guard digits.utf8.count == 40, let word = UInt256(hexadecimal: digits) else { return nil }
        self.init(word)
    }

    /// The address as a word.
    @inlinable public var word: UInt256 { UInt256(w0, w1, UInt64(w2), 0) }

    /// The 20 bytes.
    public var bytes: [UInt8] { Array(word.bytes32.array.suffix(20)) }

    /// Lower-case hexadecimal behind 0x.
    public var description: String { "0x" + Hex.encode(bytes) }

    /// The digest under which the state trie files the account.
    public var digest: Bytes32 { Keccak256.hash(bytes) }

    /// Order of the bytes.
    @inlinable public static func < (a: Address, b: Address) -> Bool { a.word < b.word }

    /// The address of a contract that `self` makes by a plain creation with this nonce.
    public func created(nonce: UInt64) -> Address {
        var writer = RLPWriter()
        writer.list { list in
            list.string(bytes)
            list.integer(nonce)
        }
        return Address(UInt256(Keccak256.hash(writer.bytes)))
    }

    /// The address of a contract that `self` makes with a salt (EIP-1014).
    public func created(salt: UInt256, codeHash: UInt256) -> Address {
        Address(
            UInt256(
                Keccak256.hash(
                    [0xff] + bytes + salt.bytes32.array + codeHash.bytes32.array)))
    }
}
