// SPDX-License-Identifier: Apache-2.0

internal import Roles

/// What the nodes of a devnet are told at their start.
struct DevnetPlan {
    /// How many make blocks together.
    var validatorCount = 1
    /// How many keep squares.
    let storageCount: Int
    /// How many sample.
    let lightCount: Int
    /// The longest time between blocks.
    var heartbeatMilliseconds = 1_000
    /// How often peers are asked for new headers.
    var pollMilliseconds = 250
    /// How the nodes' logs are written.
    var logFormat = "text"
    /// What a validator does wrong on purpose, as its `--misbehave` takes it.
    var misbehave: String?
    /// Which one does so; the first is 1.
    var misbehavingValidator = 1
    /// Whether light nodes are told where the validator is, too.
    var isValidatorTold = false
    /// What storage nodes do wrong on purpose, by their numbers, of which the first is 1.
    var manners: [Int: ServingMisbehavior.Manner] = [:]
}
