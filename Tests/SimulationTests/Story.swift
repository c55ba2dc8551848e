// SPDX-License-Identifier: Apache-2.0

import Chain
import DataSquare
import Machinery
import Roles
import Simulation
import Testing

/// Steps that many stories share.
struct Story {
    var scenario: Scenario

    /// A network that is up: every node follows the chain.
    init(
        seed: UInt64, storageCount: Int = 3, lightCount: Int = 1, pollMilliseconds: UInt64 = 500,
        foreignCount: Int = 0, isLightGossiping: Bool = true, validatorCount: Int = 1,
        change: (inout NodeConfiguration, Int) -> Void = { _, _ in }
    ) throws {
        scenario = try Scenario(
            seed: seed, storageCount: storageCount, lightCount: lightCount,
            pollMilliseconds: pollMilliseconds, foreignCount: foreignCount,
            isLightGossiping: isLightGossiping,
            validatorCount: validatorCount, change: change)
        scenario.startAll()
        let followers = scenario.storage + scenario.light
        let isUp = run(20_000) { world in
            followers.allSatisfy { Self.head(of: $0, in: world) > 0 }
        }
        try #require(isUp, "every node follows the chain")
    }

    /// Lets the world run until something holds.
    mutating func run(_ milliseconds: UInt64, until isDone: (World) -> Bool) -> Bool {
        scenario.world.run(milliseconds: milliseconds, until: isDone)
    }

    /// Asks a node and waits for its answer.
    mutating func ask(
        _ node: Int, _ request: RPCRequest, milliseconds: UInt64 = 70_000
    ) throws -> Result<RPCResponse, RPCFault> {
        let ticket = scenario.world.ask(node, request)
        _ = run(milliseconds) { $0.answer(node, ticket) != nil }
        return try #require(scenario.world.answer(node, ticket))
    }

    /// Posts a blob and gives its height.
    mutating func post(_ blob: Blob, at node: Int) throws -> UInt64 {
        let answer = try ask(node, .submitBlobs([blob], SubmitOptions()))
        guard case .success(.included(let outcome)) = answer else {
            throw StoryFault("the blob is in no block: \(answer)")
        }
        return outcome.height
    }

    /// How often a blob stands in the chain, as the validator's disk has it.
    func count(of blob: Blob) throws -> Int {
        let disk = scenario.world.disk(of: scenario.validator)
        var count = 0
        for range in disk.restored.squares.ranges {
            for height in range {
                guard let square = disk.square(height) else { continue }
                let contents = try SquareParser.contents(of: square.square.originalSquare)
                for transaction in contents.blobTransactions {
                    count += transaction.blobs.count { $0 == blob }
                }
            }
        }
        return count
    }

    /// The newest height that a node reported.
    static func head(of node: Int, in world: World) -> UInt64 {
        for (reporter, observation) in world.observations.reversed() where reporter == node {
            if case .head(let header) = observation { return header.height.value }
        }
        return 0
    }

    /// What a node's newest verdict on a height was.
    static func verdict(of node: Int, on height: UInt64, in world: World) -> Bool? {
        for (reporter, observation) in world.observations.reversed() where reporter == node {
            if case .sampled(height, let isAvailable, _) = observation { return isAvailable }
        }
        return nil
    }
}

/// What went wrong in a story.
struct StoryFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
