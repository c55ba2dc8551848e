// SPDX-License-Identifier: Apache-2.0

/// What each instruction costs before anything that depends on its operands, and what stack it
/// needs: one table for each fork.
///
/// An entry packs the gas (16 bits), the bytes of stack that must be there (16 bits, 32 a word)
/// and the bytes that may be there at most, so that nothing overflows (16 bits). An instruction
/// that a fork does not have needs more stack than there can be.
struct GasSchedule {
    private(set) var entries = [UInt64](repeating: 0xffff << 16 | 0x8000 << 32, count: 256)

    /// Tables that live as long as the process, one for each fork in their order.
    nonisolated(unsafe) private static let tables: UnsafeMutablePointer<UInt64> = {
        let tables = UnsafeMutablePointer<UInt64>.allocate(
            capacity: 256 * Hardfork.allCases.count)
        for fork in Hardfork.allCases {
            let schedule = GasSchedule(fork)
            for op in 0..<256 { tables[256 * Int(fork.rawValue) + op] = schedule.entries[op] }
        }
        return tables
    }()

    /// The table of a fork.
    static func table(_ fork: Hardfork) -> UnsafePointer<UInt64> {
        UnsafePointer(tables + 256 * Int(fork.rawValue))
    }

    private mutating func set(_ op: UInt8, _ gas: UInt64, _ pops: Int, _ pushes: Int) {
        let limit = ExecutionLimits.stackWords - max(0, pushes - pops)
        entries[Int(op)] = gas | UInt64(32 * pops) << 16 | UInt64(32 * limit) << 32
    }

    private mutating func set(
        _ ops: ClosedRange<UInt8>, _ gas: UInt64, _ pops: Int, _ pushes: Int
    ) {
        for op in ops { set(op, gas, pops, pushes) }
    }

    init(_ fork: Hardfork) {
        setFrontier()
        if fork >= .homestead { set(0xf4, 40, 6, 1) }
        if fork >= .tangerineWhistle { setTangerineWhistle() }
        if fork >= .byzantium {
            set(0x3d, 2, 0, 1)
            set(0x3e, 3, 3, 0)
            set(0xfa, 700, 6, 1)
            set(0xfd, 0, 2, 0)
        }
        if fork >= .constantinople {
            set(0x1b...0x1d, 3, 2, 1)
            set(0x3f, 400, 1, 1)
            set(0xf5, 32000, 4, 1)
        }
        if fork >= .istanbul {
            set(0x31, 700, 1, 1)
            set(0x3f, 700, 1, 1)
            set(0x46, 2, 0, 1)
            set(0x47, 5, 0, 1)
            set(0x54, 800, 1, 1)
        }
        if fork >= .berlin { setBerlin() }
        if fork >= .london { set(0x48, 2, 0, 1) }
        if fork >= .shanghai { set(0x5f, 2, 0, 1) }
        if fork >= .cancun {
            set(0x49, 3, 1, 1)
            set(0x4a, 2, 0, 1)
            set(0x5c, 100, 1, 1)
            set(0x5d, 100, 2, 0)
            set(0x5e, 3, 3, 0)
        }
        if fork >= .osaka { set(0x1e, 5, 1, 1) }
    }

    private mutating func setFrontier() {
        set(0x00, 0, 0, 0)
        for op: UInt8 in [0x01, 0x03] { set(op, 3, 2, 1) }
        for op: UInt8 in [0x02, 0x04, 0x05, 0x06, 0x07, 0x0b] { set(op, 5, 2, 1) }
        set(0x08...0x09, 8, 3, 1)
        set(0x0a, 10, 2, 1)
        set(0x10...0x14, 3, 2, 1)
        set(0x15, 3, 1, 1)
        set(0x16...0x18, 3, 2, 1)
        set(0x19, 3, 1, 1)
        set(0x1a, 3, 2, 1)
        set(0x20, 30, 2, 1)
        for op: UInt8 in [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a] { set(op, 2, 0, 1) }
        set(0x31, 20, 1, 1)
        set(0x35, 3, 1, 1)
        set(0x37, 3, 3, 0)
        set(0x39, 3, 3, 0)
        set(0x3b, 20, 1, 1)
        set(0x3c, 20, 4, 0)
        set(0x40, 20, 1, 1)
        set(0x41...0x45, 2, 0, 1)
        set(0x50, 2, 1, 0)
        set(0x51, 3, 1, 1)
        set(0x52...0x53, 3, 2, 0)
        set(0x54, 50, 1, 1)
        set(0x55, 0, 2, 0)
        set(0x56, 8, 1, 0)
        set(0x57, 10, 2, 0)
        set(0x58...0x5a, 2, 0, 1)
        set(0x5b, 1, 0, 0)
        set(0x60...0x7f, 3, 0, 1)
        for index in 0..<16 {
            set(0x80 + UInt8(index), 3, index + 1, index + 2)
            set(0x90 + UInt8(index), 3, index + 2, index + 2)
        }
        for topics in 0...4 { set(0xa0 + UInt8(topics), 375 * UInt64(topics + 1), topics + 2, 0) }
        set(0xf0, 32000, 3, 1)
        set(0xf1...0xf2, 40, 7, 1)
        set(0xf3, 0, 2, 0)
        set(0xff, 0, 1, 0)
    }

    private mutating func setTangerineWhistle() {
        set(0x31, 400, 1, 1)
        set(0x3b, 700, 1, 1)
        set(0x3c, 700, 4, 0)
        set(0x54, 200, 1, 1)
        set(0xf1...0xf2, 700, 7, 1)
        set(0xf4, 700, 6, 1)
        set(0xff, 5000, 1, 0)
    }

    /// The warm price; what is cold adds the difference when it is met.
    private mutating func setBerlin() {
        set(0x31, 100, 1, 1)
        set(0x3b, 100, 1, 1)
        set(0x3c, 100, 4, 0)
        set(0x3f, 100, 1, 1)
        set(0x54, 100, 1, 1)
        set(0xf1...0xf2, 100, 7, 1)
        set(0xf4, 100, 6, 1)
        set(0xfa, 100, 6, 1)
    }
}
