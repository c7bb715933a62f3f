// Common emoji with their names in the languages of the app; the first name is what a screen reader says.

export interface Emoji {
  char: string;
  en: string;
  fr: string;
}

const NAMES = `
😀|grinning face|visage souriant
😃|smiley|sourire bouche ouverte
😄|smile happy|grand sourire content
😁|beaming grin|sourire aux yeux rieurs
😅|relieved sweat|sourire gêné soulagé
😂|tears of joy laughing|larmes de joie rire
🤣|rolling laughing|mort de rire
🙂|slight smile|léger sourire
🙃|upside down|visage à l’envers
😉|wink|clin d’œil
😊|blush smiling eyes|sourire timide
😇|halo angel|ange auréole
😍|heart eyes love|yeux en cœur amour
😘|kiss|bisou
😋|yum delicious|miam délicieux
😛|tongue|langue tirée
🤗|hug|câlin
🤭|oops hand over mouth|oups main sur la bouche
🤫|shush quiet|chut silence
🤔|thinking|réflexion pensif
🤨|raised eyebrow|sourcil levé
😐|neutral|neutre
😶|speechless|sans voix
😏|smirk|sourire en coin
🙄|rolling eyes|yeux au ciel
😬|grimace|grimace
😌|relieved|soulagé
😔|pensive sad|pensif triste
😴|sleeping|endormi
😷|mask ill|masque malade
🤒|ill thermometer|malade thermomètre
🤧|sneeze|éternuement
🥵|hot|chaud
🥶|cold|froid
😵|dizzy|étourdi
🤯|mind blown|tête explosée
🥳|party face|fête visage
😎|cool sunglasses|cool lunettes de soleil
🤓|nerd glasses|intello lunettes
😕|confused|perplexe
😟|worried|inquiet
🙁|frown|mine déçue
😮|surprised|surpris
😲|astonished|stupéfait
😳|flushed|embarrassé
🥺|pleading|suppliant
😢|cry|pleurs
😭|sob|sanglots
😱|scream|cri
😞|disappointed|déçu
😓|sweat|sueur
😩|weary|épuisé
😤|huff|agacé
😠|angry|fâché
😡|furious|furieux
🤬|swearing|juron
😈|devil|diable
💀|skull|crâne
🤖|robot|robot
👻|ghost|fantôme
👍|thumbs up yes|pouce levé oui
👎|thumbs down no|pouce baissé non
👌|ok hand|parfait main
✌️|victory peace|victoire paix
🤞|fingers crossed|doigts croisés
🤝|handshake|poignée de main
👏|clap applause|applaudissements bravo
🙌|raised hands hooray|mains levées hourra
🙏|thanks please folded hands|merci s’il vous plaît mains jointes
👋|wave hello goodbye|salut au revoir main
✋|raised hand|main levée
👉|pointing right|index vers la droite
👆|pointing up|index vers le haut
💪|strong muscle|fort muscle
✍️|writing hand|main qui écrit
👀|eyes looking|yeux regard
🧠|brain|cerveau
🙋|raising hand person|personne lève la main
🤷|shrug|haussement d’épaules
🤦|facepalm|main sur le visage
🙇|bow|révérence
👤|person|personne
👥|people group|groupe personnes
❤️|red heart love|cœur rouge amour
🧡|orange heart|cœur orange
💛|yellow heart|cœur jaune
💚|green heart|cœur vert
💙|blue heart|cœur bleu
💜|purple heart|cœur violet
🖤|black heart|cœur noir
💔|broken heart|cœur brisé
💯|hundred|cent
✨|sparkles|étincelles
⭐|star|étoile
🔥|fire|feu
💥|boom|explosion
🎉|party popper congratulations|fête félicitations cotillons
🎊|confetti|confettis
🎁|gift|cadeau
🎂|birthday cake|gâteau d’anniversaire
🏆|trophy|trophée
🥇|first medal|médaille d’or
🎵|music note|note de musique
🎶|music|musique
🎨|art palette|palette art
📷|camera|appareil photo
🎬|film|film clap
📚|books|livres
📖|open book|livre ouvert
📝|memo note|mémo note
✏️|pencil|crayon
📎|paperclip attachment|trombone pièce jointe
📌|pin|punaise
📅|calendar date|calendrier date
⏰|alarm clock|réveil
⏳|hourglass waiting|sablier attente
📈|chart up|courbe en hausse
📉|chart down|courbe en baisse
📊|bar chart|diagramme
📣|announcement megaphone|annonce porte-voix
🔔|bell|cloche
🔕|bell off|cloche barrée
✉️|envelope mail|enveloppe courrier
📧|e-mail|courriel
📬|mailbox|boîte aux lettres
📞|telephone|téléphone
💻|laptop computer|ordinateur portable
🖥️|desktop computer|ordinateur de bureau
🖨️|printer|imprimante
💾|floppy save|disquette enregistrer
🔒|locked|verrouillé cadenas
🔑|key|clé
🔧|wrench repair|clé à molette réparation
🔨|hammer|marteau
⚙️|gear settings|engrenage réglages
🐛|bug|bogue insecte
🧪|test tube experiment|éprouvette expérience
🔬|microscope|microscope
🔭|telescope|télescope
💡|idea light bulb|idée ampoule
🔍|search magnifier|loupe recherche
🚀|rocket launch|fusée lancement
✈️|airplane|avion
🚆|train|train
🚗|car|voiture
🚲|bicycle|vélo
⚠️|warning|attention danger
🚧|construction|travaux
⛔|no entry|sens interdit
✅|check done|coche fait
✔️|check mark|coche
❌|cross no|croix non
❓|question|question
❗|exclamation|exclamation
➕|plus|plus
➖|minus|moins
♻️|recycle|recyclage
🟢|green circle|rond vert
🟡|yellow circle|rond jaune
🔴|red circle|rond rouge
🏠|house home|maison
🏢|office|bureau immeuble
🏫|school|école
🌍|earth world|terre monde
☀️|sun|soleil
🌙|moon|lune
☁️|cloud|nuage
🌧️|rain|pluie
❄️|snow|neige
🌈|rainbow|arc-en-ciel
🌱|seedling|pousse
🌳|tree|arbre
🌻|sunflower|tournesol
🌷|tulip|tulipe
🌹|rose|rose
🍀|clover luck|trèfle chance
🐶|dog|chien
🐱|cat|chat
🐦|bird|oiseau
🐝|bee|abeille
🦋|butterfly|papillon
🐢|turtle slow|tortue lent
🐘|elephant|éléphant
🍎|apple|pomme
🍞|bread|pain
🧀|cheese|fromage
🍕|pizza|pizza
🍰|cake|part de gâteau
☕|coffee tea|café thé
🍵|tea|thé
🍺|beer|bière
🍷|wine|vin
🥂|cheers|santé trinquer
⚽|football|ballon de football
🎲|dice game|dé jeu
🧩|puzzle|puzzle
`;

export const emoji: Emoji[] = NAMES.trim()
  .split('\n')
  .map((line) => {
    const [char = '', en = '', fr = ''] = line.split('|');
    return { char, en, fr };
  });
