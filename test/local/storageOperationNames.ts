/**
 * The Storage REST operations by what they work on: the account, a container, a blob, a queue, its messages, one message.
 * Keys are the method and the `comp` parameter; a HEAD is looked up as GET.
 */

export type OperationNames = Readonly<Record<string, string>>;

export const accountOperations: OperationNames = {
  'GET list': 'List',
  'GET properties': 'GetServiceProperties',
  'PUT properties': 'SetServiceProperties',
  'GET stats': 'GetServiceStats',
  'POST userdelegationkey': 'GetUserDelegationKey',
  'GET blobs': 'FindBlobsByTags',
  'POST batch': 'BatchBlobs',
};

export const containerOperations: OperationNames = {
  'PUT ': 'CreateContainer',
  'GET ': 'GetContainerProperties',
  'DELETE ': 'DeleteContainer',
  'GET list': 'ListBlobs',
  'GET blobs': 'FindBlobsByTags',
  'GET metadata': 'GetContainerMetadata',
  'PUT metadata': 'SetContainerMetadata',
  'GET acl': 'GetContainerAcl',
  'PUT acl': 'SetContainerAcl',
  'PUT lease': 'LeaseContainer',
  'PUT undelete': 'RestoreContainer',
  'PUT rename': 'RenameContainer',
  'POST batch': 'BatchBlobs',
};

export const blobOperations: OperationNames = {
  'GET ': 'GetBlob',
  'DELETE ': 'DeleteBlob',
  'GET metadata': 'GetBlobMetadata',
  'PUT metadata': 'SetBlobMetadata',
  'PUT properties': 'SetBlobProperties',
  'GET tags': 'GetBlobTags',
  'PUT tags': 'SetBlobTags',
  'PUT tier': 'SetBlobTier',
  'PUT snapshot': 'SnapshotBlob',
  'PUT block': 'PutBlock',
  'PUT blocklist': 'PutBlockList',
  'GET blocklist': 'GetBlockList',
  'PUT appendblock': 'AppendBlock',
  'PUT seal': 'AppendBlobSeal',
  'PUT page': 'PutPage',
  'GET pagelist': 'GetPageRanges',
  'PUT incrementalcopy': 'IncrementalCopyBlob',
  'PUT copy': 'AbortCopyBlob',
  'PUT lease': 'LeaseBlob',
  'PUT undelete': 'UndeleteBlob',
  'PUT expiry': 'SetBlobExpiry',
  'PUT immutabilitypolicies': 'SetImmutabilityPolicy',
  'DELETE immutabilitypolicies': 'DeleteImmutabilityPolicy',
  'PUT legalhold': 'SetLegalHold',
  'POST query': 'QueryBlobContents',
};

export const queueOperations: OperationNames = {
  'PUT ': 'CreateQueue',
  'DELETE ': 'DeleteQueue',
  'GET metadata': 'GetQueueProperties',
  'PUT metadata': 'SetQueueMetadata',
  'GET acl': 'GetQueueAcl',
  'PUT acl': 'SetQueueAcl',
};

export const messagesOperations: OperationNames = {
  'POST ': 'PutMessage',
  'GET ': 'GetMessages',
  'DELETE ': 'ClearMessages',
};

export const messageOperations: OperationNames = { 'PUT ': 'UpdateMessage', 'DELETE ': 'DeleteMessage' };
