// tidy: table
extension StoreFamily {
  /// In the order they are asked; the first hit names the table. Columns from each system's own schema, as it
  /// stands in its sources. Families whose events need a second table (Rails Event Store, Commanded,
  /// Eventuous, SqlStreamStore, Prooph) or hold several events in a row (NEventStore) are not here.
  static let all: [StoreFamily] = [
    StoreFamily(
      name: "emmett", title: "Emmett", tables: ["emtmessages*"],
      signature: ["streamid", "streamposition", "messagekind", "messagedata", "globalposition"],
      roles: Roles(
        stream: ["streamid"], version: ["streamposition"], position: ["globalposition"], id: ["messageid"],
        type: ["messagetype"], time: ["created"], data: ["messagedata"], meta: ["messagemetadata"],
        hidden: ["isarchived"], kind: ["messagekind"]),
      firstVersion: 1, droppedMetadata: ["streamName", "messageId", "streamPosition"], isProven: true),
    StoreFamily(
      name: "marten", title: "Marten", tables: ["mtevents*"],
      signature: ["seqid", "streamid", "version", "data", "type", "timestamp"],
      roles: Roles(
        stream: ["streamid"], version: ["version"], position: ["seqid"], id: ["id"], type: ["type"],
        time: ["timestamp"], data: ["data"], meta: ["headers"], hidden: ["isarchived"]),
      firstVersion: 1),
    StoreFamily(
      name: "message-db", title: "Message DB", tables: ["messages"],
      signature: ["globalposition", "position", "streamname", "type", "data", "metadata", "time"],
      roles: Roles(
        stream: ["streamname"], version: ["position"], position: ["globalposition"], id: ["id"],
        type: ["type"], time: ["time"], data: ["data"], meta: ["metadata"]),
      firstVersion: 0),
    StoreFamily(
      name: "python-eventsourcing", title: "Python eventsourcing",
      signature: ["originatorid", "originatorversion", "topic", "state"],
      roles: Roles(
        stream: ["originatorid"], version: ["originatorversion"], position: ["notificationid"],
        type: ["topic"], data: ["state"]),
      firstVersion: 1, hasHexUUIDs: true, hasLenientJSON: true, isProven: true),
    StoreFamily(
      name: "python-eventsourcing", title: "Python eventsourcing 7 and 8",
      signature: ["sequenceid", "position", "topic", "state"],
      roles: Roles(stream: ["sequenceid"], version: ["position"], type: ["topic"], data: ["state"]),
      firstVersion: 0, hasHexUUIDs: true, hasLenientJSON: true),
    StoreFamily(
      name: "axon", title: "Axon 5", tables: ["aggregateevententry"],
      signature: ["globalindex", "aggregateidentifier", "aggregatesequencenumber", "identifier", "type"],
      roles: Roles(
        stream: ["aggregateidentifier"], version: ["aggregatesequencenumber"], position: ["globalindex"],
        id: ["identifier"], type: ["type"], time: ["timestamp"], data: ["payload"], meta: ["metadata"]),
      firstVersion: 0),
    StoreFamily(
      name: "axon", title: "Axon 2 to 4", tables: ["domainevententry", "snapshotevententry"],
      signature: ["aggregateidentifier", "sequencenumber", "payloadtype", "payload", "eventidentifier"],
      roles: Roles(
        stream: ["aggregateidentifier"], version: ["sequencenumber"], position: ["globalindex"],
        id: ["eventidentifier"], type: ["payloadtype"], time: ["timestamp"], data: ["payload"],
        meta: ["metadata"]),
      firstVersion: 0),
    StoreFamily(
      name: "akka", title: "Akka or Pekko JDBC", tables: ["eventjournal*"],
      signature: ["persistenceid", "sequencenumber", "eventserid", "eventpayload", "ordering"],
      roles: Roles(
        stream: ["persistenceid"], version: ["sequencenumber"], position: ["ordering"],
        type: ["eventsermanifest"], time: ["writetimestamp"], data: ["eventpayload"], meta: ["metapayload"],
        hidden: ["deleted"]),
      firstVersion: 1, hiddenMark: .deleted),
    StoreFamily(
      name: "akka", title: "Akka or Pekko R2DBC", tables: ["eventjournal*"],
      signature: ["slice", "persistenceid", "seqnr", "eventserid", "eventpayload"],
      roles: Roles(
        stream: ["persistenceid"], version: ["seqnr"], type: ["eventsermanifest"], time: ["dbtimestamp"],
        data: ["eventpayload"], meta: ["metapayload"], hidden: ["deleted"]),
      firstVersion: 1, hiddenMark: .deleted),
    StoreFamily(
      name: "akka", title: "Akka or Pekko JDBC, legacy", tables: ["journal*"],
      signature: ["ordering", "persistenceid", "sequencenumber", "message"],
      roles: Roles(
        stream: ["persistenceid"], version: ["sequencenumber"], position: ["ordering"], data: ["message"],
        hidden: ["deleted"]),
      firstVersion: 1, hiddenMark: .deleted),
    StoreFamily(
      name: "sequent", title: "Sequent", tables: ["eventrecords"],
      signature: ["aggregateid", "sequencenumber", "eventtype", "eventjson"],
      roles: Roles(
        stream: ["aggregateid"], version: ["sequencenumber"], position: ["id"], type: ["eventtype"],
        time: ["createdat"], data: ["eventjson"]),
      firstVersion: 1),
    StoreFamily(
      name: "spatie", title: "Spatie laravel-event-sourcing", tables: ["storedevents"],
      signature: ["aggregateuuid", "eventclass", "eventproperties", "metadata"],
      roles: Roles(
        stream: ["aggregateuuid"], version: ["aggregateversion"], position: ["id"], type: ["eventclass"],
        time: ["createdat"], data: ["eventproperties"], meta: ["metadata"]),
      firstVersion: 1),
    StoreFamily(
      name: "broadway", title: "Broadway",
      signature: ["uuid", "playhead", "payload", "metadata", "recordedon", "type"],
      roles: Roles(
        stream: ["uuid"], version: ["playhead"], position: ["id"], type: ["type"], time: ["recordedon"],
        data: ["payload"], meta: ["metadata"]),
      firstVersion: 0),
    StoreFamily(
      name: "patchlevel", title: "Patchlevel aggregate store",
      signature: ["aggregate", "aggregateid", "playhead", "event", "payload", "recordedon", "customheaders"],
      roles: Roles(
        stream: ["aggregate", "aggregateid"], version: ["playhead"], position: ["id"], type: ["event"],
        time: ["recordedon"], data: ["payload"], meta: ["customheaders"], hidden: ["archived"]),
      firstVersion: 1),
    StoreFamily(
      name: "patchlevel", title: "Patchlevel stream store",
      signature: ["stream", "playhead", "recordedon", "customheaders"],
      roles: Roles(
        stream: ["stream"], version: ["playhead"], position: ["id"], id: ["eventid"],
        type: ["eventname", "event"], time: ["recordedon"], data: ["eventpayload", "payload"],
        meta: ["customheaders"], hidden: ["archived"]),
      firstVersion: 1),
    StoreFamily(
      name: "eventsauce", title: "EventSauce",
      signature: ["eventid", "aggregaterootid", "version", "payload"],
      roles: Roles(
        stream: ["aggregaterootid"], version: ["version"], position: ["id"], id: ["eventid"],
        type: ["eventtype"], time: ["timeofrecording"], data: ["payload"]),
      firstVersion: 1),
    StoreFamily(
      name: "cqrs-es", title: "cqrs-es",
      signature: [
        "aggregatetype", "aggregateid", "sequence", "eventtype", "eventversion", "payload", "metadata",
      ],
      roles: Roles(
        stream: ["aggregatetype", "aggregateid"], version: ["sequence"], type: ["eventtype"],
        time: ["timestamp"], data: ["payload"], meta: ["metadata"]),
      firstVersion: 1),
    StoreFamily(
      name: "eventually-rs", title: "eventually-rs", tables: ["events"],
      signature: ["eventstreamid", "type", "version", "event"],
      roles: Roles(
        stream: ["eventstreamid"], version: ["version"], type: ["type"], data: ["event"], meta: ["metadata"]),
      firstVersion: 1),
    StoreFamily(
      name: "castore", title: "Castore",
      signature: ["aggregatename", "aggregateid", "version", "type", "data", "metadata", "timestamp"],
      roles: Roles(
        stream: ["aggregatename", "aggregateid"], version: ["version"], position: ["id"], type: ["type"],
        time: ["timestamp"], data: ["data"], meta: ["metadata"]),
      firstVersion: 1),
    StoreFamily(
      name: "evento", title: "evento", tables: ["event"],
      signature: ["aggregatorid", "aggregatortype", "version", "name"],
      roles: Roles(
        stream: ["aggregatortype", "aggregatorid"], version: ["version"], id: ["id"], type: ["name"],
        time: ["timestamp"], data: ["data"], meta: ["metadata"]),
      firstVersion: 1),
    StoreFamily(
      name: "eventuate", title: "Eventuate Local", tables: ["events"],
      signature: ["eventid", "eventtype", "eventdata", "entitytype", "entityid"],
      roles: Roles(
        stream: ["entitytype", "entityid"], id: ["eventid"], type: ["eventtype"], data: ["eventdata"],
        meta: ["metadata"])),
    StoreFamily(
      name: "outbox", title: "an outbox for Debezium's event router",
      signature: ["aggregatetype", "aggregateid", "type", "payload"],
      roles: Roles(
        stream: ["aggregatetype", "aggregateid"], id: ["id"], type: ["type"],
        time: ["timestamp", "createdat", "occurredat", "created", "time"], data: ["payload"])),
  ]
}
