// One virtual network: a subnet per function app (Flex Consumption delegates it), one for private endpoints, and the
// private DNS zones that lead to those. Zones follow the cloud's own suffixes.

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('Makes the names unique.')
param token string

@description('Address space.')
param addressPrefix string

@description('Prefixes within it: backup app, restore app, private endpoints, portable app.')
param subnetPrefixes array

var appSubnets = ['backup', 'restore', 'portable']
var zones = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.queue.${environment().suffixes.storage}'
  'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
]

resource endpointRules 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: 'nsg-endpoints-${token}'
  location: location
  tags: tags
  properties: { securityRules: [] }
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-kvb-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: appSubnets[0]
        properties: {
          addressPrefix: subnetPrefixes[0]
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: appSubnets[1]
        properties: {
          addressPrefix: subnetPrefixes[1]
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: appSubnets[2]
        properties: {
          addressPrefix: subnetPrefixes[3]
          delegations: [{ name: 'functions', properties: { serviceName: 'Microsoft.App/environments' } }]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: subnetPrefixes[2]
          networkSecurityGroup: { id: endpointRules.id }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

resource dnsZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zone in zones: {
  name: zone
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zone, index) in zones: {
  parent: dnsZones[index]
  name: 'kvb'
  location: 'global'
  properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
}]

output backupSubnetId string = '${network.id}/subnets/${appSubnets[0]}'
output restoreSubnetId string = '${network.id}/subnets/${appSubnets[1]}'
output portableSubnetId string = '${network.id}/subnets/${appSubnets[2]}'
output endpointSubnetId string = '${network.id}/subnets/endpoints'
output blobZoneId string = dnsZones[0].id
output queueZoneId string = dnsZones[1].id
output vaultZoneId string = dnsZones[2].id
