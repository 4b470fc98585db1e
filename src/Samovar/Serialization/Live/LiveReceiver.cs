namespace Samovar.Serialization;

/// <summary>Takes one message that arrived through a <see cref="LivePort"/>.</summary>
/// <param name="message">What the other side sent; null is a message too.</param>
public delegate void LiveReceiver(object? message);
