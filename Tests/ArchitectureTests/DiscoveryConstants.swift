// SPDX-License-Identifier: Apache-2.0

import Peering
import Roles

/// What the code of discovery says, by the names of Protocol/constants.json.
extension ConstantsTests {
    static var discovery: [String: Int] {
        let kad = KademliaLimits()
        let search = DiscoveryLimits()
        let storage = ConnectionLimits()
        let light = ConnectionLimits.light
        return [
            "kad.bucketSize": kad.bucketSize,
            "kad.concurrency": kad.concurrency,
            "kad.resiliency": kad.resiliency,
            "kad.peersPerSubnet": kad.peersPerSubnet,
            "kad.replacements": kad.replacements,
            "kad.refreshMilliseconds": Int(kad.refreshMilliseconds),
            "kad.sparseRefreshMilliseconds": Int(kad.sparseRefreshMilliseconds),
            "kad.tailMilliseconds": Int(kad.tailMilliseconds),
            "kad.lookupCandidates": kad.lookupCandidates,
            "kad.lookupQuestions": kad.lookupQuestions,
            "kad.unansweredPerSource": kad.unansweredPerSource,
            "kad.lookupPeersPerSubnet": kad.lookupPeersPerSubnet,
            "kad.providersPerSource": kad.providersPerSource,
            "kad.lookups": kad.lookups,
            "kad.providersPerKey": kad.providersPerKey,
            "kad.providersPerSubnet": kad.providersPerSubnet,
            "kad.keysPerProvider": kad.keysPerProvider,
            "kad.providerRecords": kad.providerRecords,
            "kad.providerMilliseconds": Int(kad.providerMilliseconds),
            "kad.republishMilliseconds": Int(kad.republishMilliseconds),
            "kad.providedKeys": kad.providedKeys,
            "kad.questionMax": KademliaMessage.questionLimit,
            "kad.answerMax": KademliaMessage.answerLimit,
            "kad.keyMax": KademliaMessage.keyLimit,
            "kad.peersPerMessage": KademliaMessage.peerLimit,
            "kad.addressesPerPeer": KademliaMessage.addressLimit,
            "kad.addressMax": KademliaMessage.addressSizeLimit,
            "kad.questionMilliseconds": Int(KademliaProtocol.questionMilliseconds),
            "kad.questionsPerSecond": Int(KademliaProtocol.questionsPerSecond),
            "kad.streamsPerPeer": KademliaProtocol.streamsPerPeer,
            "discovery.advertiseMilliseconds": Int(search.advertiseMilliseconds),
            "discovery.advertiseAgainMilliseconds": Int(search.advertiseAgainMilliseconds),
            "discovery.searchMilliseconds": Int(search.searchMilliseconds),
            "discovery.backoffMilliseconds": Int(search.backoffMilliseconds),
            "discovery.wanted": search.wanted,
            "discovery.remembered": search.remembered,
            "connections.low": storage.low,
            "connections.high": storage.high,
            "connections.lowLight": light.low,
            "connections.highLight": light.high,
            "connections.graceMilliseconds": Int(storage.graceMilliseconds),
            "connections.storageKept": storage.storageKept,
            "connections.storageKeptLight": light.storageKept,
            "connections.dials": storage.dials,
            "connections.waiting": storage.waiting,
            "connections.backoffMilliseconds": Int(storage.backoffMilliseconds),
            "connections.backoffMaximumMilliseconds": Int(storage.backoffMaximumMilliseconds),
            "connections.returnMilliseconds": Int(storage.returnMilliseconds),
            "connections.returnAttempts": storage.returnAttempts,
            "connections.lastingMilliseconds": Int(storage.lastingMilliseconds),
            "connections.lastingAttempts": storage.lastingAttempts,
            "connections.returnAfterMilliseconds": Int(storage.returnAfterMilliseconds),
            "connections.remembered": storage.remembered,
            "peerStore.peersMax": PeerStore.peersMax,
            "peerStore.addressesMax": PeerStore.addressesMax,
            "peerStore.recordPeersMax": PeerStore.recordPeersMax,
            "peerStore.recordMax": PeerStore.recordLimit,
            "peerStore.storeMilliseconds": Int(NodeLimits.peerStoreMilliseconds),
            "blockList.max": BlockList.limit,
            "blockList.recordMax": BlockList.recordLimit,
            "peers.sightingsMax": NodeLimits.sightingsMax,
            "peers.storageScore": NodeLimits.storageScore,
            "peers.serverScore": NodeLimits.serverScore,
        ]
    }
}
