namespace Samovar.Cluster.Protocol;

/// <summary>A message that was checked.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Sender">The member that sent it.</param>
/// <param name="Build">The build of the sender's program.</param>
/// <param name="Body">The body.</param>
internal readonly record struct Envelope(MessageKind Kind, Guid Sender, BuildId Build, ReadOnlyMemory<byte> Body);
