// SPDX-License-Identifier: Apache-2.0

/// How large Kademlia's tables are and how long its pauses; the numbers of libp2p's public network.
///
/// Specified in Protocol/13-discovery.md#limits.
package struct KademliaLimits: Sendable {
    /// Peers of a bucket, and peers that a lookup ends with (*k*).
    package var bucketSize = 20
    /// Questions of a lookup that are under way at once (*alpha*).
    package var concurrency = 10
    /// The nearest peers that must have answered for a lookup to end (*beta*).
    package var resiliency = 3
    /// Peers of one /24, or /56, in a bucket; loopback is free.
    package var peersPerSubnet = 2
    /// Peers that wait for a place in a bucket.
    package var replacements = 5
    /// How often the table is looked over, in milliseconds.
    package var refreshMilliseconds: UInt64 = 600_000
    /// How often while fewer peers are known than a lookup ends with, in milliseconds.
    package var sparseRefreshMilliseconds: UInt64 = 60_000
    /// How long a lookup waits for the rest once the nearest have answered, in milliseconds.
    package var tailMilliseconds: UInt64 = 2_000

    /// Peers that a lookup keeps in view.
    package var lookupCandidates = 256
    /// Questions of one lookup.
    package var lookupQuestions = 160
    /// Of the peers that one answer names, those that a lookup may have asked without an answer.
    package var unansweredPerSource = 6
    /// Peers of one /24, or /56, that a lookup has in view among its nearest; local ones are free.
    package var lookupPeersPerSubnet = 3
    /// Of the providers that one answer names, those that are believed.
    package var providersPerSource = 5
    /// Lookups at once.
    package var lookups = 32

    /// Providers of one key.
    package var providersPerKey = 1_000
    /// Providers of one key from one /24, or /56; loopback is free.
    package var providersPerSubnet = 64
    /// Keys that one provider may have.
    package var keysPerProvider = 64
    /// Provider records in all.
    package var providerRecords = 100_000
    /// How long a provider record holds, in milliseconds.
    package var providerMilliseconds: UInt64 = 172_800_000
    /// How often this node's own records are renewed, in milliseconds.
    package var republishMilliseconds: UInt64 = 79_200_000
    /// Keys that this node provides.
    package var providedKeys = 16

    /// The defaults.
    package init() {}
}
