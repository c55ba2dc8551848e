// SPDX-License-Identifier: Apache-2.0

internal import Console

/// The verbs that run nodes; each is declared in the file of its own command.
enum NodeVerbs {
    static let all: [Verb] = [
        DevnetCommand.verb, NodeCommand.validator, NodeCommand.storage, NodeCommand.light,
        PeerTestCommand.verb, PeerLoadCommand.verb,
    ]
}
