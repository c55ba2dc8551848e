// SPDX-License-Identifier: Apache-2.0

/// Which rules hold at which block of a chain.
public struct ForkSchedule: Sendable {
    /// When a fork begins.
    public enum Start: Sendable {
        /// From a block on.
        case block(UInt64)
        /// From a time on, in seconds since 1970.
        case time(UInt64)
        /// From the block whose ancestors' difficulties add up to this (EIP-3675).
        case totalDifficulty(UInt256)
    }

    /// Forks after the first, in their order.
    public var steps: [(start: Start, fork: Hardfork)]
    /// The rules of the first block.
    public var first: Hardfork
    /// The block that moved the DAO's coins, where the chain has one.
    public var daoBlock: UInt64?
    /// Blocks by which the difficulty bomb is late, by where that begins.
    public var bombDelays: [(start: Start, blocks: UInt64)] = []
    /// Schedules of blobs that differ from those of the forks, by where they begin.
    public var blobSchedules: [(start: Start, schedule: BlobSchedule)] = []

    /// A chain whose rules never change.
    public init(always fork: Hardfork) {
        first = fork
        steps = []
    }

    /// A chain that begins with one fork's rules and goes through others.
    public init(_ first: Hardfork, then steps: [(start: Start, fork: Hardfork)]) {
        self.first = first
        self.steps = steps
    }

    /// Ethereum's main network.
    public static let mainnet: ForkSchedule = {
        var schedule = ForkSchedule(
            .frontier,
            then: [
                (.block(1_150_000), .homestead), (.block(2_463_000), .tangerineWhistle),
                (.block(2_675_000), .spuriousDragon), (.block(4_370_000), .byzantium),
                (.block(7_280_000), .petersburg), (.block(9_069_000), .istanbul),
                (.block(12_244_000), .berlin), (.block(12_965_000), .london),
                (.block(15_537_394), .paris), (.time(1_681_338_455), .shanghai),
                (.time(1_710_338_135), .cancun), (.time(1_746_612_311), .prague),
                (.time(1_764_798_551), .osaka),
            ])
        schedule.daoBlock = 1_920_000
        schedule.bombDelays = [
            (.block(4_370_000), 3_000_000), (.block(7_280_000), 5_000_000),
            (.block(9_200_000), 9_000_000), (.block(12_965_000), 9_700_000),
            (.block(13_773_000), 10_700_000), (.block(15_050_000), 11_400_000),
        ]
        schedule.blobSchedules = [
            (.time(1_765_290_071), .first), (.time(1_767_747_671), .second),
        ]
        return schedule
    }()

    private static func has(
        _ start: Start, _ number: UInt64, _ time: UInt64, _ difficulty: UInt256
    ) -> Bool {
        switch start {
        case .block(let first): number >= first
        case .time(let first): time >= first
        case .totalDifficulty(let least): difficulty >= least
        }
    }

    /// The rules of a block; `difficulty` is the sum over its ancestors.
    public func fork(number: UInt64, time: UInt64, difficulty: UInt256 = .max) -> Hardfork {
        steps.last { Self.has($0.start, number, time, difficulty) }?.fork ?? first
    }

    /// How many blobs a block carries.
    public func blobs(number: UInt64, time: UInt64) -> BlobSchedule {
        let given = blobSchedules.last { Self.has($0.start, number, time, .max) }?.schedule
        return given ?? .of(fork(number: number, time: time))
    }

    /// Blocks by which the difficulty bomb is late at a block.
    func bombDelay(number: UInt64) -> UInt64 {
        if let given = bombDelays.last(where: { Self.has($0.start, number, 0, .zero) }) {
            return given.blocks
        }
        return switch fork(number: number, time: 0, difficulty: .zero) {
        case .london...: 9_700_000
        case .berlin: 9_000_000
        case .constantinople...: 5_000_000
        case .byzantium: 3_000_000
        default: 0
        }
    }
}
