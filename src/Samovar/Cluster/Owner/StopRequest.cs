using Samovar.Cluster.Protocol;
using Samovar.Tasks.Core;

namespace Samovar.Cluster.Owner;

/// <summary>A request to stop an attempt.</summary>
/// <param name="Kind"><see cref="MessageKind.Stop"/> or <see cref="MessageKind.Kill"/>.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">Why, as a clause for an error.</param>
internal sealed record StopRequest(MessageKind Kind, StopReason Reason, string Text);
