namespace Samovar.Serialization;

/// <summary>Handles one message that arrived through a <see cref="LivePort"/>.</summary>
/// <param name="message">The message that the other side sent; can be null.</param>
public delegate void LiveReceiver(object? message);
