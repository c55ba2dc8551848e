// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Syncing

/// What a node keeps and for how long: its windows, its pins, its room, and the care of its files.
struct Retention {
    /// Which window a search is about.
    enum Window: CaseIterable {
        case sampling
        case storage
    }

    /// A namespace whose data is kept for ever, and of which heights it is kept.
    struct Pin {
        let namespace: Namespace
        var heights: HeightRanges
    }

    var sampling: WindowMachine
    var storage: WindowMachine
    var pruning: PruningMachine
    var space: SpaceMachine
    var scrub: ScrubMachine
    var backfill = BackfillMeter()
    /// The last word about a backfill.
    var progress: BackfillProgress?
    /// In order of their namespaces: those that are wanted, and those that once were.
    private(set) var pins: [Pin] = []
    /// What pins lack of heights whose squares are not held is fetched in the same way as squares.
    var pinSync = SquareSyncMachine()
    /// Heights of which nobody had what the pins lack, when all are asked for again, and how long
    /// the next rest is.
    var pinsGivenUp = HeightRanges()
    var pinsAgain: Instant?
    var pinRestMilliseconds = NodeLimits.pinRestMilliseconds
    /// The namespaces that are wanted.
    let wanted: [Namespace]
    /// The shortage that was told last.
    var told: SpaceMachine.Shortage?
    var isMeasuring = false

    init(_ configuration: NodeConfiguration) {
        sampling = WindowMachine(lengthMilliseconds: configuration.samplingWindowMilliseconds)
        storage = WindowMachine(lengthMilliseconds: configuration.storageWindowMilliseconds)
        wanted = configuration.pins
        pruning = PruningMachine(
            isArchival: configuration.isArchival, hasPins: !configuration.pins.isEmpty)
        space = SpaceMachine(budgetBytes: configuration.diskBudgetBytes)
        scrub = ScrubMachine(bytesPerSecond: configuration.scrubBytesPerSecond)
    }

    /// Takes up what an earlier run kept.
    mutating func restore(_ restored: RestoredState) {
        pins = restored.pins.map { Pin(namespace: $0.namespace, heights: $0.heights) }
        for namespace in wanted where !pins.contains(where: { $0.namespace == namespace }) {
            pins.append(Pin(namespace: namespace, heights: HeightRanges()))
        }
        pins.sort { $0.namespace < $1.namespace }
    }

    /// The heights at which every wanted namespace has its own.
    var pinnedHeights: HeightRanges {
        var heights: HeightRanges?
        for pin in pins where wanted.contains(pin.namespace) {
            heights = heights.map { $0.intersection(pin.heights) } ?? pin.heights
        }
        return heights ?? HeightRanges()
    }

    /// Whether what a namespace has at a height is kept.
    func isPinned(_ namespace: Namespace, at height: UInt64) -> Bool {
        pins.first { $0.namespace == namespace }?.heights.contains(height) ?? false
    }

    /// The wanted namespaces that lack their own of a height.
    func unpinned(at height: UInt64) -> [Namespace] {
        wanted.filter { !isPinned($0, at: height) }
    }

    mutating func pinned(_ namespaces: [Namespace], at height: UInt64) {
        for index in pins.indices where namespaces.contains(pins[index].namespace) {
            pins[index].heights.insert(height)
        }
    }

    mutating func lostPin(_ namespace: Namespace, at height: UInt64) {
        for index in pins.indices where pins[index].namespace == namespace {
            pins[index].heights.remove(height)
        }
    }
}
