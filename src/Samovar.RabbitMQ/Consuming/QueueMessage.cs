using RabbitMQ.Client;

namespace Samovar.RabbitMQ.Consuming;

/// <summary>A message as the client library delivers it.</summary>
/// <param name="Tag">The tag of the delivery, which is unique on its channel.</param>
/// <param name="IsRedelivered">Whether it was delivered before.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="Body">Its body, valid while the consumer is called.</param>
internal readonly record struct QueueMessage(ulong Tag, bool IsRedelivered, IReadOnlyBasicProperties Properties, ReadOnlyMemory<byte> Body);
