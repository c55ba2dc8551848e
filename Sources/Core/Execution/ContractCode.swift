// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import Cryptography

/// Code that can run: its bytes, and where jumps may go.
///
/// The two are made together and never apart, so that an analysis can serve no other code than its
/// own. Immutable after `init`, which is why it may be shared among threads. Specified in
/// Protocol/25-execution.md#one-code.
public final class ContractCode: @unchecked Sendable {
    /// The bytes, with 64 zero bytes behind the last: reading past the end finds STOP.
    let bytes: UnsafePointer<UInt8>
    /// How many there are without the zeros.
    public let count: Int
    /// A bit for each byte: whether it is a JUMPDEST that is no operand.
    let destinations: UnsafePointer<UInt64>
    /// The digest.
    public let hash: UInt256
    /// The account whose code runs instead, when this is a delegation (EIP-7702).
    public let delegate: Address?

    /// The digest of no code.
    public static let emptyHash = UInt256(Keccak256.hash([UInt8]()))
    /// No code.
    public static let empty = ContractCode([], hash: emptyHash)

    /// Copies and analyses code with a digest that the caller knows.
    init(_ source: UnsafeBufferPointer<UInt8>, hash: UInt256) {
        count = source.count
        self.hash = hash
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: source.count + 64)
        bytes.initialize(repeating: 0, count: source.count + 64)
        if let base = source.baseAddress { bytes.update(from: base, count: source.count) }
        self.bytes = UnsafePointer(bytes)
        let words = source.count / 64 + 2
        let bits = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
        bits.initialize(repeating: 0, count: words)
        var index = 0
        while index < source.count {
            let op = bytes[index]
            if op == Opcode.jumpDestination {
                bits[index >> 6] |= 1 << UInt64(index & 63)
            } else if op >= Opcode.push1, op <= Opcode.push32 {
                index &+= Int(op &- Opcode.push1) &+ 1
            }
            index &+= 1
        }
        destinations = UnsafePointer(bits)
        delegate = Self.delegate(source)
    }

    /// Copies and analyses code.
    public convenience init(_ bytes: [UInt8]) {
        self.init(bytes, hash: UInt256(Keccak256.hash(bytes)))
    }

    convenience init(_ bytes: [UInt8], hash: UInt256) {
        self.init(unsafe: bytes, hash)
    }

    private convenience init(unsafe bytes: [UInt8], _ hash: UInt256) {
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = copy.initialize(fromContentsOf: bytes)
        self.init(UnsafeBufferPointer(copy), hash: hash)
        copy.deallocate()
    }

    deinit {
        bytes.deallocate()
        destinations.deallocate()
    }

    /// The bytes as an array.
    public var array: [UInt8] { Array(UnsafeBufferPointer(start: bytes, count: count)) }

    /// What delegates to an account: 0xef0100 and its address.
    static func delegation(to address: Address) -> [UInt8] { [0xef, 0x01, 0x00] + address.bytes }

    private static func delegate(_ bytes: UnsafeBufferPointer<UInt8>) -> Address? {
        guard bytes.count == 23, bytes[0] == 0xef, bytes[1] == 0x01, bytes[2] == 0x00 else {
            return nil
        }
        return Address(bytes.dropFirst(3))
    }
}
